import { writeFileSync } from 'node:fs';

/** Options of which nobody else should see the value. */
const secretOptions = ['--token', '--client-secret', '--password'];
/** Of memory(7)'s kinds only the ELF headers: a core dump then shows where it crashed, and nothing that was in memory. */
const headersOnly = '0x10';

/**
 * Keeps what the program knows to itself, as far as a program can: the list of processes shows no secret from here on, and a core
 * dump holds none. What the kernel shows of the environment that a process was started with cannot be changed from within; only its
 * owner can read it.
 */
export function keepSecrets(words: readonly string[]): void {
  const given = words.some((word) =>
    secretOptions.some((option) => word === option || word.startsWith(`${option}=`)),
  );
  // Writes over the memory that the kernel shows as the command line.
  if (given) process.title = `yadiskfs ${words[0] ?? ''}`;
  try {
    writeFileSync('/proc/self/coredump_filter', headersOnly);
  } catch {
    // Not every container has it; most have no core dumps either.
  }
}
