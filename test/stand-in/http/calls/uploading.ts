import { placeFor, requireWritable } from '../../model/changes.ts';
import { type DiskPath, formatPath } from '../../model/path.ts';
import { Refusal } from '../../model/refusal.ts';
import { pick } from '../fields.ts';
import { linkTo, operationReply } from '../links.ts';
import { jsonReply } from '../replies.ts';
import { saveUrl } from '../save-url.ts';
import type { Call, Endpoint } from '../service.ts';

/** @throws Refusal 409, 413, 423 or 507: all that can be said before a byte was sent. */
function requireUploadable(call: Call, path: DiskPath, overwrite: boolean): void {
  const { disk, operations, settings } = call.service;
  const { folder, name } = placeFor(disk, path);
  requireWritable(folder);
  operations.requireUnlocked(path);
  const existing = disk.child(folder, name);
  if (existing?.kind === 'dir') {
    throw new Refusal('DiskPathPointsToExistentDirectoryError', formatPath(path));
  }
  if (existing && !overwrite && settings.overwriteCheckedAt !== 'commit') {
    throw new Refusal('DiskResourceAlreadyExistsError', formatPath(path));
  }
  if (settings.uploadAllowanceBytes === 0) throw new Refusal('DiskUploadTrafficLimitExceeded');
  if (settings.quotaCheckedAt !== 'commit' && disk.freeBytes() <= 0) {
    throw new Refusal(settings.quotaError, '', settings.quotaStatus);
  }
}

const uploadLink: Endpoint = {
  route: 'resources.upload-link',
  method: 'GET',
  path: '/resources/upload',
  needs: 'write',
  run: (call) => {
    const path = call.query.path();
    const overwrite = call.query.flag('overwrite');
    requireUploadable(call, path, overwrite);
    const userAgent = call.exchange.req.headers['user-agent'] ?? '';
    const upload = call.service.uploads.issue(path, overwrite, userAgent);
    const link = { operation_id: upload.operation.id, ...linkTo(upload.href, 'PUT') };
    return jsonReply(200, pick(link, call.fields));
  },
};

const uploadUrl: Endpoint = {
  route: 'resources.upload-url',
  method: 'POST',
  path: '/resources/upload',
  needs: 'write',
  run: (call) => {
    const path = call.query.path();
    const url = call.query.required('url');
    if (!/^https?:\/\//.test(url)) throw new Refusal('FieldValidationError', 'url');
    requireUploadable(call, path, true);
    const operation = call.service.operations.open('upload-url');
    const request = { url, path, followRedirects: !call.query.flag('disable_redirects') };
    void saveUrl(call.service, operation, request);
    return operationReply(call, operation);
  },
};

export const uploadingEndpoints: readonly Endpoint[] = [uploadLink, uploadUrl];
