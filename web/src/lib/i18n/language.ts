export type Language = 'en' | 'zh';

const STORED = 'golden-hour.language';

function parse(tag: string | null | undefined): Language | null {
  if (!tag) return null;
  return tag.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** `?lang=` first, then what was chosen before, then what the browser asks for. */
export function chooseLanguage(query: string, stored: string | null, browser: string): Language {
  return parse(new URLSearchParams(query).get('lang')) ?? parse(stored) ?? parse(browser) ?? 'en';
}

export function storedLanguage(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    return;
  }
}
