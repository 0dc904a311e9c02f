import type { FileNode } from '../model/nodes.ts';

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

/** An image that was stored serves as its own preview; a computed one is no image at all. */
function isOwnPreview({ content, mediaType }: FileNode): boolean {
  const { origin, sizeBytes } = content;
  return mediaType === 'image' && origin === 'stored' && sizeBytes > 0 && sizeBytes <= maxOwnPreviewBytes;
}

/** Whether the service could make a preview. */
export function hasPreview(file: FileNode): boolean {
  return file.previews !== undefined || isOwnPreview(file);
}

/** The preview of a size, as large as it was given: nothing is scaled here. */
export function previewImage(file: FileNode, size: string | null): Buffer | null {
  const given = file.previews?.[size ?? 'DEFAULT'] ?? file.previews?.['DEFAULT'];
  if (given) return given;
  return isOwnPreview(file) ? file.content.read(0, file.content.sizeBytes) : null;
}
