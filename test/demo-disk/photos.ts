import type { EntryList } from './entries.ts';
import type { Keeping } from './keeping.ts';
import { lights } from './painting.ts';
import { type Photo, type PhotoPlan, takePhoto } from './photo.ts';

/** The photo that the tour compares with what the Disk says. */
export const comparedPhoto = 'Фото/2025 Карелия/IMG_20250712_214310.jpg';

const plans: readonly (readonly [path: string, seed: number, light: keyof typeof lights])[] = [
  ['Фото/2025 Карелия/IMG_20250711_053022.jpg', 11, 'morning'],
  ['Фото/2025 Карелия/IMG_20250711_130455.jpg', 12, 'noon'],
  ['Фото/2025 Карелия/IMG_20250712_124831.jpg', 13, 'noon'],
  [comparedPhoto, 128, 'sunset'],
  ['Фото/2025 Карелия/IMG_20250713_001207.jpg', 121, 'night'],
  ['Фото/2025 Карелия/IMG_20250713_061540.jpg', 14, 'morning'],
  ['Фото/2024 Осень/IMG_20241005_141500.jpg', 21, 'autumn'],
  ['Фото/2024 Осень/IMG_20241006_103309.jpg', 22, 'autumn'],
  ['Фото/2024 Осень/IMG_20241006_175921.jpg', 23, 'sunset'],
  ['Фото/Новый год/IMG_20251231_133000.jpg', 31, 'winter'],
  ['Фото/Новый год/IMG_20260101_011500.jpg', 32, 'night'],
  ['Фото/Новый год/IMG_20260101_120000.jpg', 33, 'winter'],
];

/** Photos, painted at the first start and kept from then on. */
export async function addPhotos(
  list: EntryList,
  keeping: Keeping,
  progress: (message: string) => void,
): Promise<void> {
  const take = onceTold(progress);
  for (const [path, seed, light] of plans) {
    const takenAt = momentIn(path);
    let taken: Photo | undefined;
    const photo = () => {
      taken ??= take({ seed, light: lights[light], takenAt });
      return taken;
    };
    const jpeg = await keeping.keep(`photo-${seed}.jpg`, () => photo().jpeg);
    const previews: Record<string, Buffer> = {};
    for (const size of ['S', 'L', 'DEFAULT'] as const)
      previews[size] = await keeping.keep(`photo-${seed}-${size}.jpg`, () => photo().previews[size]);
    list.file(path, takenAt, jpeg, { photo: { takenAt, previews } });
  }
}

/** Takes photos, and tells so before the first. */
function onceTold(progress: (message: string) => void): (plan: PhotoPlan) => Photo {
  let told = false;
  return (plan) => {
    if (!told) progress(`painting ${plans.length} photos, once`);
    told = true;
    return takePhoto(plan);
  };
}

/** When a photo was taken, by its name. */
function momentIn(path: string): Date {
  const digits = /(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.jpg$/.exec(path);
  if (digits === null) throw new Error(`no date in ${path}`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
