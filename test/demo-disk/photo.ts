import { encode } from 'jpeg-js';
import { exifBlock } from './exif.ts';
import { type Light, type Picture, paintLandscape, shrink } from './painting.ts';

/** What a photo shows and when it was taken. */
export interface PhotoPlan {
  readonly seed: number;
  readonly light: Light;
  readonly takenAt: Date;
}

/** A photo as the Disk holds it. */
export interface Photo {
  readonly jpeg: Buffer;
  /** Smaller JPEGs of the same picture by the Disk's size names; DEFAULT stands for all others. */
  readonly previews: { readonly S: Buffer; readonly L: Buffer; readonly DEFAULT: Buffer };
}

const widthPixels = 1440;
const heightPixels = 960;

/** Long sides of previews. Source: size names of the REST API, `preview_size`. */
const previewPixels = { S: 150, L: 500, DEFAULT: 1280 };

/** Paints and encodes one photo: about half a second of work. */
export function takePhoto({ seed, light, takenAt }: PhotoPlan): Photo {
  const picture = paintLandscape(seed, light, widthPixels, heightPixels);
  const preview = (longSide: number) => toJpeg(shrink(picture, longSide), 80);
  return {
    jpeg: toJpeg(picture, 92, exifBlock(takenAt, 'Yadiskfs', 'Demonstration 1')),
    previews: {
      S: preview(previewPixels.S),
      L: preview(previewPixels.L),
      DEFAULT: preview(previewPixels.DEFAULT),
    },
  };
}

function toJpeg({ width, height, data }: Picture, quality: number, exifBuffer?: Buffer): Buffer {
  // The encoder knows exifBuffer, its types do not.
  const image = { width, height, data, ...(exifBuffer && { exifBuffer }) };
  return encode(image, quality).data;
}
