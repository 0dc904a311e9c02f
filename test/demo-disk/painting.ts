/*
 * Landscapes as a camera might have seen them, painted from a seed: sky with clouds, sun or moon, ridges one behind the
 * other in the haze, water that mirrors them, grain. They stand for photos that nobody had to take or license.
 */

/** Pixels in rows, four bytes each: red, green, blue, opacity. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];

/** The light of a landscape. Colours in 0…255. */
export interface Light {
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly sun: Colour;
  readonly land: Colour;
  /** How much of the sky clouds cover, 0…1. */
  readonly clouds: number;
  readonly stars: boolean;
}

export const lights = {
  noon: {
    zenith: [58, 122, 200],
    horizon: [198, 222, 240],
    sun: [255, 252, 235],
    land: [46, 84, 52],
    clouds: 0.45,
    stars: false,
  },
  sunset: {
    zenith: [60, 62, 120],
    horizon: [252, 156, 92],
    sun: [255, 226, 150],
    land: [40, 30, 44],
    clouds: 0.6,
    stars: false,
  },
  morning: {
    zenith: [120, 160, 205],
    horizon: [250, 222, 200],
    sun: [255, 244, 220],
    land: [70, 92, 84],
    clouds: 0.25,
    stars: false,
  },
  autumn: {
    zenith: [96, 140, 190],
    horizon: [226, 224, 214],
    sun: [255, 248, 225],
    land: [142, 82, 30],
    clouds: 0.5,
    stars: false,
  },
  winter: {
    zenith: [128, 156, 190],
    horizon: [236, 236, 240],
    sun: [255, 255, 250],
    land: [150, 166, 186],
    clouds: 0.7,
    stars: false,
  },
  night: {
    zenith: [8, 10, 30],
    horizon: [36, 48, 84],
    sun: [225, 230, 245],
    land: [8, 12, 18],
    clouds: 0.2,
    stars: true,
  },
} satisfies Record<string, Light>;

const ridgeCount = 4;

/** Paints one landscape; the same seed gives the same picture. */
export function paintLandscape(seed: number, light: Light, width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 4);
  const waterLine = Math.round(height * (0.62 + 0.12 * hash(seed, 1, 0)));
  const sunX = width * (0.2 + 0.6 * hash(seed, 2, 0));
  const sunY = waterLine * (0.25 + 0.5 * hash(seed, 3, 0));
  const ridges = Array.from({ length: ridgeCount }, (_, ridge) => ridgeLine(seed, ridge, width, waterLine));

  const paintPoint = (x: number, y: number): Colour => {
    for (let ridge = ridgeCount - 1; ridge >= 0; ridge -= 1) {
      if (y < (ridges[ridge]?.[x] ?? waterLine)) continue;
      const near = (ridge + 1) / ridgeCount;
      const texture = 0.8 + 0.4 * cloudiness(seed + ridge, x / 14, y / 9);
      return mix(light.horizon, scale(light.land, texture), near ** 0.6);
    }
    return paintSky(x, y);
  };

  const paintSky = (x: number, y: number): Colour => {
    const distance = Math.hypot(x - sunX, y - sunY) / height;
    const cover = Math.max(0, cloudiness(seed + 91, x / 210, y / 70) - (1 - light.clouds)) * 2;
    let colour = mix(light.zenith, light.horizon, (y / waterLine) ** 1.3);
    colour = mix(colour, light.sun, Math.min(1, Math.exp(-distance * 5) * 0.8 + (distance < 0.03 ? 1 : 0)));
    if (light.stars && hash(seed + 7, x, y) > 0.9993) return light.sun;
    return mix(colour, mix(light.sun, light.horizon, 0.5), Math.min(0.85, cover));
  };

  for (let y = 0; y < height; y += 1) {
    const mirrored = y >= waterLine;
    const depth = mirrored ? (y - waterLine) / (height - waterLine) : 0;
    for (let x = 0; x < width; x += 1) {
      let colour: Colour;
      if (mirrored) {
        const ripple = (cloudiness(seed + 55, x / 40, (y * 3) / (1 + depth * 4)) - 0.5) * (8 + depth * 40);
        const above = Math.max(0, Math.round(waterLine - 1 - depth * waterLine * 0.8 + ripple));
        const aside = Math.min(width - 1, Math.max(0, Math.round(x + ripple)));
        colour = scale(mix(paintPoint(aside, Math.min(waterLine - 1, above)), light.zenith, 0.25), 0.85);
      } else {
        colour = paintPoint(x, y);
      }
      const grain = (hash(seed + 13, x, y) - 0.5) * 9;
      const at = (y * width + x) * 4;
      data[at] = byte(colour[0] + grain);
      data[at + 1] = byte(colour[1] + grain);
      data[at + 2] = byte(colour[2] + grain);
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
}

/** A smaller copy: each pixel is the mean of those it stands for. */
export function shrink(picture: Picture, longSide: number): Picture {
  const factor = Math.max(picture.width, picture.height) / longSide;
  const [width, height] = [Math.round(picture.width / factor), Math.round(picture.height / factor)];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const sums = [0, 0, 0, 0];
      let count = 0;
      for (
        let fromY = Math.floor(y * factor);
        fromY < Math.min(picture.height, (y + 1) * factor);
        fromY += 1
      ) {
        for (
          let fromX = Math.floor(x * factor);
          fromX < Math.min(picture.width, (x + 1) * factor);
          fromX += 1
        ) {
          const from = (fromY * picture.width + fromX) * 4;
          for (let part = 0; part < 4; part += 1)
            sums[part] = (sums[part] ?? 0) + (picture.data[from + part] ?? 0);
          count += 1;
        }
      }
      for (let part = 0; part < 4; part += 1) data[(y * width + x) * 4 + part] = (sums[part] ?? 0) / count;
    }
  }
  return { width, height, data };
}

/** Height of one ridge over every column; nearer ones stand lower and rougher. */
function ridgeLine(seed: number, ridge: number, width: number, waterLine: number): number[] {
  const top = waterLine * (0.55 + 0.11 * ridge);
  const swing = waterLine * (0.32 - 0.05 * ridge);
  const spacing = 340 - 60 * ridge;
  return Array.from({ length: width }, (_, x) => {
    const shape = cloudiness(seed * 31 + ridge * 7, x / spacing, ridge * 3.7);
    const trees = ridge >= 2 ? Math.abs(hash(seed + ridge, Math.floor(x / 3), 5) - 0.5) * 14 : 0;
    return top - (shape - 0.5) * swing * 2 - trees;
  });
}

/** Smooth noise of four octaves, 0…1. */
function cloudiness(seed: number, x: number, y: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < 4; octave += 1) {
    sum += weight * smooth(seed + octave * 17, x * 2 ** octave, y * 2 ** octave);
    weight /= 2;
  }
  return sum / 0.9375;
}

function smooth(seed: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [across, down] = [ease(x - left), ease(y - top)];
  const upper = hash(seed, left, top) * (1 - across) + hash(seed, left + 1, top) * across;
  const lower = hash(seed, left, top + 1) * (1 - across) + hash(seed, left + 1, top + 1) * across;
  return upper * (1 - down) + lower * down;
}

const ease = (part: number) => part * part * (3 - 2 * part);

/** A number in 0…1 that depends on all three, and looks like chance. */
function hash(seed: number, x: number, y: number): number {
  let value =
    Math.imul(x + 0x9e37, 0x85ebca6b) ^ Math.imul(y + 0x79b9, 0xc2b2ae35) ^ Math.imul(seed + 1, 0x27d4eb2f);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}

function mix(one: Colour, other: Colour, share: number): Colour {
  return [
    one[0] + (other[0] - one[0]) * share,
    one[1] + (other[1] - one[1]) * share,
    one[2] + (other[2] - one[2]) * share,
  ];
}

const scale = (colour: Colour, by: number): Colour => [colour[0] * by, colour[1] * by, colour[2] * by];

const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
