import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { StandIn } from '../stand-in/index.ts';
import type { PutOptions } from '../stand-in/model/model.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { Gate } from '../stand-in/wire/index.ts';
import { addressIdentity } from './addresses.ts';
import type { Bindings } from './bindings.ts';
import type { Recording } from './load.ts';
import type { Player } from './player.ts';

/** One recording about to be replayed. */
export interface Stage {
  readonly disk: StandIn;
  readonly recording: Recording;
  readonly bindings: Bindings;
  readonly player: Player;
  /** Paths of resources that are there with their recorded times and revisions. */
  readonly planted: Set<string>;
}

/** The state that a recording implies, as far as its own requests do not make it. */
export interface Scene {
  readonly settings?: SettingsInput;
  /** Time between two requests, which was not recorded: a second unless told. */
  readonly stepMs?: number;
  readonly arrange?: (stage: Stage) => void | Promise<void>;
  /** What others did right before the exchange of this number. */
  readonly before?: Readonly<Record<number, (stage: Stage) => void | Promise<void>>>;
}

const testFolder = 'disk:/YaDiskTest';

/** Resources in recorded replies: what of them can be planted. */
const itemSchema = z.object({
  type: z.enum(['file', 'dir']),
  path: z.string(),
  created: z.string(),
  modified: z.string(),
  revision: z.int(),
  size: z.int().optional(),
  md5: z.string().optional(),
  sha256: z.string().optional(),
  mime_type: z.string().optional(),
  media_type: z.string().optional(),
  preview: z.string().optional(),
  custom_properties: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
  public_key: z.string().optional(),
  public_url: z.string().optional(),
});
type Item = z.output<typeof itemSchema>;
const listSchema = z.object({ items: z.array(itemSchema) });

/** JSON of a recorded reply. */
function recordedJson({ recording }: Stage, number: number): unknown {
  const body = recording.exchanges[number]?.response.body;
  return body && 'json' in body ? body.json : null;
}

/** Resources in the lists of some replies, each once, in order. */
function recordedItems(stage: Stage, ...numbers: readonly number[]): Item[] {
  const items = numbers.flatMap((number) => listSchema.parse(recordedJson(stage, number)).items);
  return [...new Map(items.map((item) => [item.path, item])).values()];
}

/** A service that has made a preview; its image does not matter. */
const somePreview = { DEFAULT: Buffer.from('preview') };

/** Puts a resource there as it was recorded. */
function plant({ disk: { model }, planted }: Stage, item: Item, more: PutOptions = {}): void {
  const { path, type, size: sizeBytes = 0, md5 = '', sha256 = '', custom_properties, revision } = item;
  const createdMs = Date.parse(item.created);
  const times = { createdMs, modifiedMs: Date.parse(item.modified), ...more };
  if (type === 'dir') model.mkdir(path, { parents: true });
  else {
    const previews = item.preview === undefined ? undefined : somePreview;
    model.putFile(
      path,
      { synthetic: { sizeBytes, seed: sha256, digest: { md5, sha256 } } },
      { ...times, previews },
    );
  }
  model.touch(path, { ...times, properties: custom_properties, revision });
  planted.add(path);
}

/** One after the other within the second that is told. */
function plantInOrder(stage: Stage, items: readonly Item[]): void {
  for (const [index, item] of items.entries())
    plant(stage, item, { createdMs: Date.parse(item.created) + index });
}

/** Exchanges the times at which two files were created; for files of one second no reply shows it. */
function swapCreated(stage: Stage, ...names: readonly [string, string]): void {
  const { model } = stage.disk;
  const [one, other] = recordedItems(stage, 0).filter(({ path }) =>
    names.some((name) => path.endsWith(name)),
  );
  if (!one || !other) throw new Error(`not there: ${names}`);
  const [oneMs, otherMs] = [model.find(one.path)?.createdMs, model.find(other.path)?.createdMs];
  model.touch(one.path, { createdMs: otherMs, revision: one.revision });
  model.touch(other.path, { createdMs: oneMs, revision: other.revision });
}

/** Published one after the other, the first in the list last. */
function plantPublished(stage: Stage, items: readonly Item[]): void {
  const { model, clock } = stage.disk;
  for (const item of items) {
    // The name that made it a makefile was replaced in the recording.
    const { mime_type: mimeType, media_type: mediaType } = item;
    plant(stage, item, mimeType === 'text/x-makefile' ? { mimeType, mediaType } : {});
  }
  for (const { path, public_key: publicKey, public_url: publicUrl, revision } of items.toReversed()) {
    clock.advance(1000);
    model.publish(path, { publicKey, publicUrl });
    model.touch(path, { revision });
  }
}

/** The recorded link had died long before, and nothing else is known of it: one of the stand-in's own dies in its place. */
async function bindDeadLink({ disk, bindings, player, recording }: Stage, number: number): Promise<void> {
  disk.model.putFile(`${testFolder}/linked`, 'linked');
  const url = `https://cloud-api.yandex.net/v1/disk/resources/download?path=${encodeURIComponent(`${testFolder}/linked`)}`;
  const headers = { authorization: `OAuth ${disk.token}` };
  const reply = await player.send({ method: 'GET', url, headers, body: null });
  const { href } = z.object({ href: z.string() }).parse(JSON.parse(reply.bytes.toString()));
  const { origin, pathname } = new URL(href);
  const identity = addressIdentity(recording.exchanges[number]?.request.url ?? '');
  bindings.bindAddress(identity ?? '', `${origin}${pathname}`);
  disk.clock.advance(disk.settings.downloadLinkLifeMs);
}

/** Lets the server's own fetch of an address go on, once it was asked about while it still went on. */
function holdFetch(): NonNullable<Scene['before']> {
  let gate: Gate | undefined;
  return {
    4: ({ disk }) => {
      gate = disk.wire.hold({ role: 'downloader', method: 'GET', stage: 'before' });
    },
    6: async ({ disk }) => {
      await gate?.arrived();
      gate?.release();
      const busy = () => disk.control.operations().some(({ status }) => status === 'in-progress');
      for (let tries = 0; busy() && tries < 500; tries++) await sleep(10);
    },
  };
}

const makeTestFolder = ({ disk }: Stage): void => void disk.model.mkdir(testFolder);

/** A recording whose folder was left behind by an earlier run of its test. */
const leftBehind: Scene = {
  arrange: ({ disk, recording }) => {
    disk.model.mkdir(`${testFolder}/test_${recording.name}`, { parents: true });
  },
};

/** Scenes that are more than an empty Disk with the recorder's folder on it. */
const scenes: Readonly<Record<string, Scene>> = {
  auth: {
    settings: { clientId: 'CLIENT-ID', clientSecret: 'CLIENT-SECRET' },
    arrange: ({ disk, bindings }) => {
      bindings.bind('CONFIRMATION-CODE', disk.control.confirmationCode());
    },
  },
  copy: {
    arrange: makeTestFolder,
    before: {
      9: ({ disk: { model } }) => {
        model.touch(`${testFolder}/test_copy/directory_copy/file.txt`, { previews: somePreview });
      },
    },
  },
  device_code_auth: {
    settings: { clientId: 'CLIENT-ID', clientSecret: 'CLIENT-SECRET' },
    before: {
      2: ({ disk }) => {
        disk.clock.advance(disk.settings.devicePollIntervalMs);
        disk.control.approveDevice();
      },
    },
  },
  download_by_link_error: {
    settings: { deadLinkStatus: 500 },
    arrange: (stage) => bindDeadLink(stage, 0),
  },
  get_disk_info: {
    arrange: (stage) => {
      const { used_space: sizeBytes } = z.object({ used_space: z.int() }).parse(recordedJson(stage, 0));
      stage.disk.model.putFile('disk:/private', { synthetic: { sizeBytes } });
    },
  },
  get_files: {
    arrange: (stage) => plantInOrder(stage, recordedItems(stage, 0)),
    // From one page to the next two files of the same second changed places: one came twice, the other never.
    before: { 40: (stage) => swapCreated(stage, 'private file 28', 'private file 34') },
  },
  get_public_resources: {
    arrange: (stage) => plantPublished(stage, recordedItems(stage, 0, 1, 2, 3)),
  },
  none_args: {
    settings: { deadLinkStatus: 410 },
    arrange: (stage) => bindDeadLink(stage, 1),
  },
  public_settings: leftBehind,
  publish_unpublish: leftBehind,
  streaming_requests: {
    arrange: ({ disk }) => void disk.model.declare('disk:/private', { files: 10, fileSizeBytes: 10 }),
  },
  // Its three changes of one folder came within little more than a second.
  patch: { arrange: makeTestFolder, stepMs: 300 },
  upload_url: { settings: { operationMs: 20 }, arrange: makeTestFolder, before: holdFetch() },
};

/** The scene of a recording. */
export function sceneOf(name: string): Scene {
  return scenes[name] ?? { arrange: makeTestFolder };
}
