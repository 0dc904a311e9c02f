import { formatPath } from '../../model/path.ts';
import { Refusal } from '../../model/refusal.ts';
import { see } from '../../model/views.ts';
import { pick } from '../fields.ts';
import { linkTo } from '../links.ts';
import { jsonReply } from '../replies.ts';
import { formatTime, renderResource } from '../resource.ts';
import type { Call, Endpoint } from '../service.ts';
import { pagingOf, showingOf } from './showing.ts';

/** The Disk object: quota, revision, owner. */
const diskGet: Endpoint = {
  route: 'disk.get',
  method: 'GET',
  path: '',
  needs: 'info',
  run: ({ service, fields }) => jsonReply(200, pick(diskObject(service), fields)),
};

function diskObject({ disk, settings }: Call['service']): Record<string, unknown> {
  const regTime = formatTime(disk.registeredMs);
  return {
    max_file_size: settings.maxFileSizeBytes,
    paid_max_file_size: 53_687_091_200,
    total_space: settings.totalSpaceBytes,
    used_space: disk.usedBytes,
    trash_size: disk.trashBytes,
    is_paid: settings.isPaid,
    reg_time: regTime,
    is_idm_managed_folder_address_access: false,
    is_idm_managed_public_access: false,
    unlimited_autoupload_enabled: false,
    system_folders: {
      odnoklassniki: 'disk:/Социальные сети/Одноклассники',
      google: 'disk:/Социальные сети/Google+',
      instagram: 'disk:/Социальные сети/Instagram',
      vkontakte: 'disk:/Социальные сети/ВКонтакте',
      attach: 'disk:/Почтовые вложения',
      mailru: 'disk:/Социальные сети/Мой Мир',
      downloads: 'disk:/Загрузки/',
      applications: 'disk:/Приложения',
      facebook: 'disk:/Социальные сети/Facebook',
      social: 'disk:/Социальные сети/',
      messenger: 'disk:/Файлы Мессенджера',
      calendar: 'disk:/Материалы встреч',
      scans: 'disk:/Сканы',
      screenshots: 'disk:/Скриншоты/',
      photostream: 'disk:/Фотокамера/',
    },
    user: {
      uid: settings.uid,
      login: settings.login,
      display_name: settings.displayName,
      country: settings.country,
      is_child: false,
      reg_time: regTime,
    },
    revision: disk.revisions.told(),
  };
}

/** A resource, and a page of what a folder holds. */
const resourcesGet: Endpoint = {
  route: 'resources.get',
  method: 'GET',
  path: '/resources',
  needs: 'read',
  run: async (call) => {
    const path = call.query.path();
    if (path.area === 'trash') throw new Refusal('DiskNotFoundError', formatPath(path));
    const paging = pagingOf(call);
    const showing = showingOf(call);
    return jsonReply(200, await renderResource(see(call.service.disk, path), showing, paging));
  },
};

/** A link to the bytes of a file, or to a folder as a zip. */
const downloadLink: Endpoint = {
  route: 'resources.download-link',
  method: 'GET',
  path: '/resources/download',
  needs: 'read',
  run: async ({ service, query, fields }) => {
    const node = see(service.disk, query.path());
    if (node.kind === 'dir') {
      if (service.settings.ownFolderDownload === 'refused') {
        throw new Refusal('FieldValidationError', 'path');
      }
      const href = service.links.folderHref(node, node.name);
      return jsonReply(200, pick(linkTo(href), fields));
    }
    const href = service.links.fileHref(node, await node.content.hash());
    return jsonReply(200, pick(linkTo(href), fields));
  },
};

export const readingEndpoints: readonly Endpoint[] = [diskGet, resourcesGet, downloadLink];
