const usualNames = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 bytes`, `37.2 GiB` */
export function formatSize(sizeBytes: number): string {
  const { amount, step } = sizeParts(sizeBytes);
  return `${amount} ${usualNames[step]}`;
}

/** A number of at most four digits, and to what power of 1024 it counts. */
export function sizeParts(sizeBytes: number): { readonly amount: string; readonly step: number } {
  let amount = sizeBytes;
  let step = 0;
  while (amount >= 999.5 && step < usualNames.length - 1) {
    amount /= 1024;
    step++;
  }
  return { amount: step === 0 || amount >= 99.95 ? amount.toFixed(0) : amount.toFixed(1), step };
}
