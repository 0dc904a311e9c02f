/**
 * - `addon-missing`: the native part cannot be loaded
 * - `no-device`: /dev/fuse is missing or closed to us
 * - `no-fusermount`: no fusermount3 and no fusermount, which every user but root needs
 * - `bad-mountpoint`: no folder, or a path that the binding cannot take
 * - `dead-mount`: a mount whose process is gone is in the way
 * - `invalid-option`: an option that is refused before or by libfuse
 * - `refused`: libfuse, fusermount or the kernel said no; the message has their words where they can be had
 * - `busy`: files on the mount are open, so that it cannot be taken away
 * - `overloaded`: too many invalidations are waiting
 * - `ended`: the mount is not there any more
 */
type MountErrorCode =
  | 'addon-missing'
  | 'no-device'
  | 'no-fusermount'
  | 'bad-mountpoint'
  | 'dead-mount'
  | 'invalid-option'
  | 'refused'
  | 'busy'
  | 'overloaded'
  | 'ended';

/** Why mounting, unmounting or an invalidation failed. */
export class MountError extends Error {
  override readonly name = 'MountError';
  readonly code: MountErrorCode;

  constructor(code: MountErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
