export type Wish =
  | 'new_call' | 'help' | 'list' | 'units' | 'hospitals' | 'next' | 'previous' | 'fit'
  | 'language' | 'close';

const ANYWHERE: Record<string, Wish> = { F1: 'new_call', Escape: 'close' };

const WHEN_NOT_TYPING: Record<string, Wish> = {
  n: 'new_call', '?': 'help', i: 'list', u: 'units', h: 'hospitals', j: 'next', k: 'previous',
  m: 'fit', l: 'language',
};

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
}

/** What a key asks of the console; nothing while it belongs to a text or to the browser. */
export function shortcutOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'defaultPrevented'>,
  typing: boolean,
): Wish | null {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return ANYWHERE[key] ?? (typing ? null : (WHEN_NOT_TYPING[key] ?? null));
}
