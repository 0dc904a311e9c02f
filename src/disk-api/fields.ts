/**
 * What is asked for with `fields=`: all that we use and nothing else. Of a folder of photos and documents that is less than a third
 * of what the Disk would tell: 0.87 instead of 2.9 MB for 1,000 entries, 185 instead of 483 kB where the server compresses.
 */

const ofResource = [
  'name',
  'type',
  'resource_id',
  'revision',
  'created',
  'modified',
  'size',
  'md5',
  'sha256',
  'media_type',
  'mime_type',
  'file',
  'public_url',
  'custom_properties',
  'share',
];

const ofTrashed = ['name', 'type', 'path', 'resource_id', 'size', 'modified', 'deleted', 'origin_path'];

const ofPublic = [
  'name',
  'type',
  'path',
  'resource_id',
  'size',
  'created',
  'modified',
  'md5',
  'sha256',
  'media_type',
  'mime_type',
  'file',
];

const ofListed = [...ofResource, 'path'];

/** A folder's own fields, those of its entries, and what paging needs. */
function withEntries(own: readonly string[], entries: readonly string[]): string {
  const paging = ['total', 'limit', 'offset', ...entries.map((field) => `items.${field}`)];
  return [...own, ...paging.map((field) => `_embedded.${field}`)].join(',');
}

function flatList(entries: readonly string[]): string {
  return ['limit', 'offset', ...entries.map((field) => `items.${field}`)].join(',');
}

/** One resource: all that a node keeps, so that link, hash and size come from one reply. */
export const resourceFields = ofResource.join(',');
export const folderPageFields = withEntries(ofResource, ofResource);
/** No more than how many entries a folder has [rec: also with `limit=0`]. */
export const folderTotalFields = '_embedded.total';
export const trashPageFields = withEntries([], ofTrashed);
export const publicPageFields = withEntries(
  [...ofPublic, 'public_key', 'public_url', 'views_count', 'owner'],
  ofPublic,
);
export const flatListFields = flatList(ofListed);
export const publishedListFields = flatList([...ofListed, 'public_key']);
export const publicationFields = 'name,type,public_url,public_key';
export const diskFields =
  'total_space,used_space,trash_size,max_file_size,paid_max_file_size,is_paid,revision,user.uid,user.login,user.display_name';
export const linkFields = 'href';
export const uploadLinkFields = 'href,operation_id';
export const operationFields = 'status';
