import type { Deed } from './matrix.ts';

/*
 * What the Disk holds in the end, for each thing that is done here (first) while others do something there (second). A path with its text; empty folders with a
 * slash; `(conflict)`: a conflict copy. `to/y` is always there and left out.
 */

type Outcomes<Here extends Deed> = Readonly<Record<Here, Readonly<Record<Deed, string>>>>;

/** Both before anything was sent, or theirs while ours was on its way to its last look. */
export const beforeTheLook: Outcomes<Deed> = {
  create: {
    create: 'f/doc.txt=base f/new (conflict).txt=ours f/new.txt=theirs f/other=x',
    change: 'f/doc.txt=theirs f/new.txt=ours f/other=x',
    rename: 'f/new.txt=ours f/other=x f/theirs.txt=base',
    move: 'f/new.txt=ours f/other=x to/theirs.txt=base',
    delete: 'f/new.txt=ours f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/new.txt=ours f/other=x',
    'move-folder': 'f/new.txt=ours g/doc.txt=base g/other=x',
    'delete-folder': 'f/new.txt=ours',
    properties: 'f/doc.txt=base f/new.txt=ours f/other=x',
  },
  change: {
    create: 'f/doc.txt=ours f/new.txt=theirs f/other=x',
    change: 'f/doc (conflict).txt=ours f/doc.txt=theirs f/other=x',
    rename: 'f/other=x f/theirs.txt=ours',
    move: 'f/other=x to/theirs.txt=ours',
    delete: 'f/doc.txt=ours f/other=x',
    'other-kind': 'f/doc (conflict).txt=ours f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'f/doc.txt=ours g/doc.txt=base g/other=x',
    'delete-folder': 'f/doc.txt=ours',
    properties: 'f/doc.txt=ours f/other=x',
  },
  rename: {
    create: 'f/new.txt=theirs f/other=x f/renamed.txt=base',
    change: 'f/other=x f/renamed.txt=theirs',
    rename: 'f/other=x f/theirs.txt=base',
    move: 'f/other=x to/theirs.txt=base',
    delete: 'f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: 'f/other=x f/renamed.txt=base',
  },
  move: {
    create: 'f/new.txt=theirs f/other=x to/doc.txt=base',
    change: 'f/other=x to/doc.txt=theirs',
    rename: 'f/other=x f/theirs.txt=base',
    move: 'f/other=x to/theirs.txt=base',
    delete: 'f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: 'f/other=x to/doc.txt=base',
  },
  delete: {
    create: 'f/new.txt=theirs f/other=x',
    change: 'f/doc.txt=theirs f/other=x',
    rename: 'f/other=x f/theirs.txt=base',
    move: 'f/other=x to/theirs.txt=base',
    delete: 'f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: 'f/other=x',
  },
  'other-kind': {
    create: 'f/doc.txt/ f/new.txt=theirs f/other=x',
    change: 'f/doc (conflict).txt/ f/doc.txt=theirs f/other=x',
    rename: 'f/doc.txt/ f/other=x f/theirs.txt=base',
    move: 'f/doc.txt/ f/other=x to/theirs.txt=base',
    delete: 'f/doc.txt/ f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'f/doc.txt/ g/doc.txt=base g/other=x',
    'delete-folder': 'f/doc.txt/',
    properties: 'f/doc.txt/ f/other=x',
  },
  'move-folder': {
    create: 'to/f/doc.txt=base to/f/new.txt=theirs to/f/other=x',
    change: 'to/f/doc.txt=theirs to/f/other=x',
    rename: 'to/f/other=x to/f/theirs.txt=base',
    move: 'to/f/other=x to/theirs.txt=base',
    delete: 'to/f/other=x',
    'other-kind': 'to/f/doc.txt/theirs=theirs to/f/other=x',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: 'to/f/doc.txt=base to/f/other=x',
  },
  'delete-folder': {
    create: 'f/new.txt=theirs',
    change: 'f/doc.txt=theirs',
    rename: 'f/theirs.txt=base',
    move: 'to/theirs.txt=base',
    delete: '',
    'other-kind': 'f/doc.txt/theirs=theirs',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: '',
  },
  properties: {
    create: 'f/doc.txt=base f/new.txt=theirs f/other=x',
    change: 'f/doc.txt=theirs f/other=x',
    rename: 'f/other=x f/theirs.txt=base',
    move: 'f/other=x to/theirs.txt=base',
    delete: 'f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'g/doc.txt=base g/other=x',
    'delete-folder': '',
    properties: 'f/doc.txt=base f/other=x',
  },
};

/** On a Disk on which a file that is overwritten or moved becomes another resource: nobody can tell where it went. */
export const withoutResources: { readonly [Here in Deed]?: { readonly [There in Deed]?: string } } = {
  change: {
    rename: 'f/doc.txt=ours f/other=x f/theirs.txt=base',
    move: 'f/doc.txt=ours f/other=x to/theirs.txt=base',
  },
  rename: { change: 'f/doc.txt=theirs f/other=x' },
  move: { change: 'f/doc.txt=theirs f/other=x' },
};

/** Theirs while ours is on its way, and the folder moved: the last look finds nothing, and the search the file. */
export const whileItIsSent: { readonly [Here in Deed]?: { readonly [There in Deed]?: string } } = {
  change: { 'move-folder': 'g/doc.txt=ours g/other=x' },
};

/** Theirs when ours had taken effect, and nobody here knew that yet. What is not there any more others cannot change. */
export const afterTheEffect: Outcomes<'create' | 'change' | 'rename' | 'move' | 'delete'> = {
  create: {
    create: 'f/doc.txt=base f/new (conflict).txt=ours f/new.txt=theirs f/other=x',
    change: 'f/doc.txt=theirs f/new.txt=ours f/other=x',
    rename: 'f/new.txt=ours f/other=x f/theirs.txt=base',
    move: 'f/new.txt=ours f/other=x to/theirs.txt=base',
    delete: 'f/new.txt=ours f/other=x',
    'other-kind': 'f/doc.txt/theirs=theirs f/new.txt=ours f/other=x',
    'move-folder': 'g/doc.txt=base g/new.txt=ours g/other=x',
    'delete-folder': 'f/new.txt=ours',
    properties: 'f/doc.txt=base f/new.txt=ours f/other=x',
  },
  change: {
    create: 'f/doc.txt=ours f/new.txt=theirs f/other=x',
    change: 'f/doc (conflict).txt=ours f/doc.txt=theirs f/other=x',
    rename: 'f/doc.txt=ours f/other=x f/theirs.txt=ours',
    move: 'f/doc.txt=ours f/other=x to/theirs.txt=ours',
    delete: 'f/doc.txt=ours f/other=x',
    'other-kind': 'f/doc (conflict).txt=ours f/doc.txt/theirs=theirs f/other=x',
    'move-folder': 'g/doc.txt=ours g/other=x',
    'delete-folder': 'f/doc.txt=ours',
    properties: 'f/doc.txt=ours f/other=x',
  },
  rename: {
    create: 'f/new.txt=theirs f/other=x f/renamed.txt=base',
    change: 'f/other=x f/renamed.txt=base',
    rename: 'f/other=x f/renamed.txt=base',
    move: 'f/other=x f/renamed.txt=base',
    delete: 'f/other=x f/renamed.txt=base',
    'other-kind': 'f/other=x f/renamed.txt=base',
    'move-folder': 'g/other=x g/renamed.txt=base',
    'delete-folder': '',
    properties: 'f/other=x f/renamed.txt=base',
  },
  move: {
    create: 'f/new.txt=theirs f/other=x to/doc.txt=base',
    change: 'f/other=x to/doc.txt=base',
    rename: 'f/other=x to/doc.txt=base',
    move: 'f/other=x to/doc.txt=base',
    delete: 'f/other=x to/doc.txt=base',
    'other-kind': 'f/other=x to/doc.txt=base',
    'move-folder': 'g/other=x to/doc.txt=base',
    'delete-folder': 'to/doc.txt=base',
    properties: 'f/other=x to/doc.txt=base',
  },
  delete: {
    create: 'f/new.txt=theirs f/other=x',
    change: 'f/other=x',
    rename: 'f/other=x',
    move: 'f/other=x',
    delete: 'f/other=x',
    'other-kind': 'f/other=x',
    'move-folder': 'g/other=x',
    'delete-folder': '',
    properties: 'f/other=x',
  },
};
