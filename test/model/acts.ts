import fc from 'fast-check';

const name = fc.constantFrom('a', 'b', 'c.txt', 'd', 'A', '\u00e9', 'e\u0301');
/** Among what is there. */
const pick = fc.nat({ max: 1_000 });
const who = fc.constantFrom('one' as const, 'two' as const);

/** What programs do on one of the machines. */
const programAct = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      who,
      folder: pick,
      name,
      isLong: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('overwrite' as const), who, entry: pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), who, entry: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('make-folder' as const), who, folder: pick, name }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('rename' as const), who, entry: pick, folder: pick, name }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), who, entry: pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('touch' as const),
      who,
      entry: pick,
      sec: fc.integer({ min: 1, max: 1e9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), who, entry: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), who }) },
);

/** What somebody does by the web: at once, and by what is really there. */
const webAct = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('web-create' as const), folder: pick, name }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('web-change' as const), entry: pick }) },
  /** The very bytes that a machine has made last, where it has made them. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('web-same' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('web-move' as const), entry: pick, folder: pick, name }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('web-remove' as const), entry: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('web-other-kind' as const), entry: pick }) },
  /** Of anything, or of what a machine has written last. */
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('web-properties' as const),
      entry: pick,
      writtenBy: fc.option(who, { nil: undefined }),
      isPublished: fc.boolean(),
    }),
  },
);
export type WebAct = typeof webAct extends fc.Arbitrary<infer Value> ? Value : never;

/** What somebody does at the web while a request of a machine is held at a stage. */
const during = fc.record({
  kind: fc.constant('during' as const),
  at: fc.constantFrom(
    ['resources.upload-link', 'before-response'] as const,
    ['uploader.put', 'before'] as const,
    ['resources.get', 'before'] as const,
    ['resources.move', 'before-response'] as const,
    ['resources.delete', 'before-response'] as const,
    ['uploader.put', 'before-response'] as const,
  ),
  act: webAct,
});

const worldAct = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 30_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.constant(240_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), isBlackHole: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
);

export const act = fc.oneof(
  { weight: 10, arbitrary: programAct },
  { weight: 5, arbitrary: webAct },
  { weight: 2, arbitrary: during },
  { weight: 5, arbitrary: worldAct },
);
export type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** What goes wrong with requests by chance. */
export const weather = fc.constantFrom(
  'fair' as const,
  'fair' as const,
  'lossy' as const,
  'refusing' as const,
);
export type Weather = typeof weather extends fc.Arbitrary<infer Value> ? Value : never;
