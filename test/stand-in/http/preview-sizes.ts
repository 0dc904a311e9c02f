import type { FileNode } from '../model/nodes.ts';
import type { Settings } from '../settings.ts';

/** Larger images have no preview of themselves. */
const maxOwnPreviewBytes = 16 * 1024 * 1024;

/** Names of the sizes that a preview comes in, in the recorded order. */
export const previewSizes = [
  'DEFAULT',
  'XXXS',
  'XXS',
  'XS',
  'S',
  'M',
  'L',
  'XL',
  'XXL',
  'XXXL',
  'C',
] as const;

const customSize = /^(\d{1,5}|\d{1,5}x|x\d{1,5}|\d{1,5}x\d{1,5})$/;

/** Whether a `preview_size` is one that the API knows: a name, a width, or width and height. */
export function isPreviewSize(size: string): boolean {
  return /^(S|M|L|XL|XXL|XXXL)$/.test(size) || customSize.test(size);
}

/** Stands for the preview of what is no image: one grey pixel. */
const placeholder = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

/** Whether the service made a preview. */
export function hasPreview(file: FileNode, settings: Pick<Settings, 'previewMediaTypes'>): boolean {
  const isOfKind = file.content.sizeBytes > 0 && settings.previewMediaTypes.includes(file.mediaType);
  return file.previews !== undefined || isOfKind;
}

/** The preview of a size, as large as it was given: nothing is scaled here. A stored image is its own preview. */
export function previewImage({ previews, content, mediaType }: FileNode, size: string | null): Buffer {
  const given = previews?.[size ?? 'DEFAULT'] ?? previews?.['DEFAULT'];
  if (given) return given;
  const isOwn =
    mediaType === 'image' && content.origin === 'stored' && content.sizeBytes <= maxOwnPreviewBytes;
  return isOwn ? content.read(0, content.sizeBytes) : placeholder;
}
