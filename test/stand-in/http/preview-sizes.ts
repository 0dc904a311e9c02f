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
