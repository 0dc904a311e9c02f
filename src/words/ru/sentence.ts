import { Sentences } from '../sentences.ts';

const sentences = new Sentences({});

export const sentence = (text: string): string => sentences.translate(text);
