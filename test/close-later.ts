const closings: (() => Promise<void> | void)[] = [];

/** Closes something after the tests of this file, whichever module asked for it: tests run side by side. */
export function closeLater(close: () => Promise<void> | void): void {
  closings.push(close);
}

/** What was made last is closed first. */
export async function closeAll(): Promise<void> {
  for (const close of closings.splice(0).reverse()) await close();
}
