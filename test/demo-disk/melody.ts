const samplesPerSecond = 22_050;
const noteSeconds = 0.28;

/** A tune as a WAV file: one channel, 16 bits. Source: RIFF WAVE, format tag 1 (PCM).
 * @param notes half tones above the A of 220 Hz, one after the other; null is a rest
 */
export function wavMelody(notes: readonly (number | null)[]): Buffer {
  const noteSamples = Math.round(samplesPerSecond * noteSeconds);
  const dataBytes = notes.length * noteSamples * 2;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(samplesPerSecond, 24);
  file.writeUInt32LE(samplesPerSecond * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  notes.forEach((note, index) => {
    if (note === null) return;
    const turn = (2 * Math.PI * 220 * 2 ** (note / 12)) / samplesPerSecond;
    for (let sample = 0; sample < noteSamples; sample += 1) {
      const fading = Math.exp((-4 * sample) / noteSamples) * Math.min(1, sample / 60);
      const wave =
        Math.sin(turn * sample) + 0.4 * Math.sin(2 * turn * sample) + 0.15 * Math.sin(3 * turn * sample);
      file.writeInt16LE(Math.round(wave * fading * 14_000), 44 + (index * noteSamples + sample) * 2);
    }
  });
  return file;
}
