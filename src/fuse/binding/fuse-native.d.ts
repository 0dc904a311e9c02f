/** Types of the module `fuse-native` 2.2.6, as far as this folder uses it: its class and what a subclass overrides. */
declare module 'fuse-native' {
  class Fuse {
    /** The names of `operations` say which operations libfuse is to pass on. */
    constructor(mountpoint: string, operations: object, options?: { timeout?: false | number });

    /** Called by the constructor. One function per opcode, which gets the request first, then the opcode. */
    _makeHandlerArray(): readonly unknown[];
    _fuseOptions(): string;
    _open(callback: (error: Error | null) => void): void;
    _close(callback: (error: Error | null) => void): void;
    readonly _handlers: readonly unknown[];
    _malloc(sizeBytes: number): Buffer;
    _getImplementedArray(): Uint32Array;

    mount(callback: (error?: Error | null) => void): void;
    unmount(callback: (error?: Error | null) => void): void;
  }

  export = Fuse;
}
