import type { Bilingual } from '../api/model';
import { en, type Texts } from './en';
import { chooseLanguage, storedLanguage, storeLanguage, type Language } from './language';
import { zh } from './zh';

export const TEXTS: Record<Language, Texts> = { en, zh };

class I18n {
  language = $state<Language>(
    chooseLanguage(location.search, storedLanguage(), navigator.language),
  );
  t = $derived(TEXTS[this.language]);

  /** The text of the present language; a missing translation falls back to the other one. */
  pick(text: Bilingual | undefined, fallback = ''): string {
    if (!text) return fallback;
    return (this.language === 'zh' ? text.zh || text.en : text.en || text.zh) || fallback;
  }

  toggle(): void {
    this.language = this.language === 'zh' ? 'en' : 'zh';
    storeLanguage(this.language);
    const address = new URL(location.href);
    if (address.searchParams.has('lang')) {
      address.searchParams.set('lang', this.language);
      history.replaceState(history.state, '', address);
    }
  }
}

export const i18n = new I18n();
