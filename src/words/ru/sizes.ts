import { dateText } from '../local-time.ts';
import { sizeParts } from '../size.ts';
import { counted } from './counted.ts';

const names = ['', 'КиБ', 'МиБ', 'ГиБ', 'ТиБ', 'ПиБ'];

/** «512 байт», «37,2 ГиБ». */
export function size(sizeBytes: number): string {
  const { amount, step } = sizeParts(sizeBytes);
  if (step === 0) return counted(Number(amount), ['байт', 'байта', 'байт']);
  return `${amount.replace('.', ',')} ${names[step]}`;
}

/** What was said in English, with its sizes as they are written in Russian. */
export function withSizes(text: string): string {
  return text
    .replaceAll(/\b(\d+) bytes\b/g, (_, bytes) => size(Number(bytes)))
    .replaceAll(
      /\b(\d+)(?:\.(\d))? ([KMGTP])iB\b/g,
      (_, whole, tenths, unit) => `${whole}${tenths ? `,${tenths}` : ''} ${names['_KMGTP'.indexOf(unit)]}`,
    );
}

/** «26.11.2026 13:08:00», local time. */
export function moment(iso: string): string {
  const [date = '', time] = dateText(iso).split(' ');
  return `${day(date)} ${time}`;
}

/** «26.11.2026» */
export function day(isoDay: string): string {
  return isoDay.slice(0, 10).split('-').reverse().join('.');
}
