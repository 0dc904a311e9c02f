import { Refusal } from '../../model/refusal.ts';
import { isPreviewSize } from '../preview-sizes.ts';
import type { Paging, Showing } from '../resource.ts';
import type { Call } from '../service.ts';

/** How this call wants resources shown. @throws Refusal 400 for an unknown preview size. */
export function showingOf(call: Call): Showing {
  const previewSize = call.query.text('preview_size');
  if (previewSize !== null && !isPreviewSize(previewSize)) {
    throw new Refusal('FieldValidationError', 'preview_size');
  }
  return {
    disk: call.service.disk,
    links: call.service.links,
    fields: call.fields,
    previewSize,
    previewCrop: call.query.flag('preview_crop'),
  };
}

/** The page that a call asks for. @throws Refusal 400. */
export function pagingOf(call: Call): Paging {
  return { sort: call.query.text('sort') ?? '', ...windowOf(call) };
}

/** Its limit and offset alone. */
export function windowOf(call: Call): { readonly offset: number; readonly limit: number } {
  const { maxLimit, limitAboveMax } = call.service.settings;
  const asked = call.query.integer('limit', 20);
  if (asked > maxLimit && limitAboveMax === 'reject') throw new Refusal('FieldValidationError', 'limit');
  return { offset: call.query.integer('offset', 0), limit: Math.min(asked, maxLimit) };
}
