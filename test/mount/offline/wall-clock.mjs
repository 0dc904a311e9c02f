import { readFileSync } from 'node:fs';

/*
 * Loaded into a mount before anything else: its wall clock is off by as many milliseconds as WALL_CLOCK_FILE says at the moment. Timers and
 * monotonic clocks are left alone, as by somebody who sets the clock.
 */

const RealDate = Date;
const offsetMs = () => {
  try {
    return Number(readFileSync(process.env.WALL_CLOCK_FILE, 'utf8'));
  } catch {
    return 0;
  }
};

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs());
    else super(...args);
  }

  static now() {
    return RealDate.now() + offsetMs();
  }
};
