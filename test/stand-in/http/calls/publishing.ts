import { requireWritable } from '../../model/changes.ts';
import { formatPath } from '../../model/path.ts';
import { mergePublicSettings, publish, unpublish } from '../../model/publications.ts';
import { Refusal } from '../../model/refusal.ts';
import { pick } from '../fields.ts';
import { resourceLinkReply } from '../links.ts';
import { emptyReply, jsonReply } from '../replies.ts';
import type { Call, Endpoint } from '../service.ts';
import { bodyPart, jsonBody, takeSeen } from './writing.ts';

const publishing: Endpoint = {
  route: 'publish',
  method: 'PUT',
  path: '/resources/publish',
  needs: 'write',
  run: async (call) => {
    call.query.flag('allow_address_access');
    const settings = bodyPart(await jsonBody(call), 'public_settings') ?? {};
    const path = call.query.path();
    const node = takeSeen(call, path);
    requireWritable(node);
    call.service.operations.requireUnlocked(path);
    publish(call.service.disk, node, settings);
    return resourceLinkReply(call, 200, path);
  },
};

const withdrawing: Endpoint = {
  route: 'unpublish',
  method: 'PUT',
  path: '/resources/unpublish',
  needs: 'write',
  run: (call) => {
    const path = call.query.path();
    const node = takeSeen(call, path);
    requireWritable(node);
    call.service.operations.requireUnlocked(path);
    unpublish(call.service.disk, node);
    return resourceLinkReply(call, 200, path);
  },
};

/** The publication of one's own resource. @throws Refusal 404 for one that is not public. */
function ownPublication(call: Call) {
  const path = call.query.path();
  const { publication } = takeSeen(call, path);
  if (!publication) throw new Refusal('DiskNotFoundError', formatPath(path));
  return publication;
}

const settingsGet: Endpoint = {
  route: 'public-settings.get',
  method: 'GET',
  path: '/public/resources/public-settings',
  needs: 'read',
  run: (call) => {
    // Recorded: the password is not told.
    const { password: _, ...shown } = ownPublication(call).settings;
    return jsonReply(200, pick(shown, call.fields));
  },
};

const settingsPatch: Endpoint = {
  route: 'public-settings.patch',
  method: 'PATCH',
  path: '/public/resources/public-settings',
  needs: 'write',
  run: async (call) => {
    const body = await jsonBody(call);
    const publication = ownPublication(call);
    publication.settings = mergePublicSettings(publication.settings, body ?? {});
    return emptyReply(200);
  },
};

const settingsAvailable: Endpoint = {
  route: 'public-settings.available',
  method: 'GET',
  path: '/public/resources/public-settings/available-settings',
  needs: 'read',
  run: (call) => {
    ownPublication(call);
    const available = {
      permissions: ['available_until', 'password', 'read_only'],
      use_sharing: false,
      macro_sharing: ['all'],
      default: [],
    };
    return jsonReply(200, pick(available, call.fields));
  },
};

export const publishingEndpoints: readonly Endpoint[] = [
  publishing,
  withdrawing,
  settingsGet,
  settingsPatch,
  settingsAvailable,
];
