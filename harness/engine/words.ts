// SPDX-License-Identifier: GPL-2.0-only
/**
 * Words for generated code to close over. V8 keeps an array of less than 64 bytes on its heap,
 * where it moves, unless it has a buffer of its own: then its address is a constant.
 */
export function constantWords(length: number): Int32Array<ArrayBuffer> {
	return new Int32Array(new ArrayBuffer(4 * length));
}
