import { exitCodeOf, exitCodes, reportFailure } from '../../src/cli/report.ts';
import { Failure } from '../../src/errors.ts';
import { probeCommand } from './command.ts';
import { personAtTerminal } from './terminal.ts';

/*
 * scripts/probe: asks a live Disk how it behaves. The first Ctrl-C ends the questions and cleans up, the second ends at
 * once.
 */

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) {
      process.stderr.write(
        'Ended at once: the scratch folder may be left. scripts/probe --clean takes it away.\n',
      );
      process.exit(exitCodes.failed);
    }
    process.stderr.write('Stopping and cleaning up; once more ends at once.\n');
    stop.abort(new Failure('aborted', 'Interrupted'));
  });
}

// The waits of the rate limiter do not keep a process alive by themselves.
const alive = setInterval(() => {}, 60_000);
try {
  process.exitCode = await probeCommand(process.argv.slice(2), {
    environment: process.env,
    person: personAtTerminal(stop.signal),
    write: (text) => {
      process.stdout.write(text);
    },
    signal: stop.signal,
  });
} catch (error) {
  if (stop.signal.aborted) process.exitCode = exitCodes.failed;
  else {
    reportFailure(error, false);
    process.exitCode = exitCodeOf(error);
  }
} finally {
  clearInterval(alive);
}
