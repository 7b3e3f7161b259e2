/**
 * The thirteen labels of Open Assistant (Köpf et al. 2023, App. A; `message_label` in its data): how much of each there
 * is, 0 to 1 in steps, and flags that are there or not.
 */

export interface ItemLabel {
  /** As it is stored. */
  readonly key: string
  readonly title: string
  readonly doc: string
  /** Steps of a scale from none to all; two for yes and no. */
  readonly steps: 2 | 5
}

export const openAssistantLabels: readonly ItemLabel[] = [
  { key: 'quality', title: 'Quality', doc: 'How well it is written.', steps: 5 },
  { key: 'helpfulness', title: 'Helpfulness', doc: 'How much it helps who asked.', steps: 5 },
  { key: 'creativity', title: 'Creativity', doc: 'Ordinary to unexpected.', steps: 5 },
  { key: 'humor', title: 'Humour', doc: 'Serious to funny.', steps: 5 },
  { key: 'toxicity', title: 'Toxicity', doc: 'Polite to rude.', steps: 5 },
  { key: 'violence', title: 'Violence', doc: 'Harmless to violent.', steps: 5 },
  { key: 'spam', title: 'Spam', doc: 'Advertising or nonsense.', steps: 2 },
  { key: 'fails_task', title: 'Misses the task', doc: 'It does not do what was asked.', steps: 2 },
  { key: 'lang_mismatch', title: 'Wrong language', doc: 'Not in the language asked for.', steps: 2 },
  { key: 'pii', title: 'Personal data', doc: 'It names what identifies a person.', steps: 2 },
  { key: 'not_appropriate', title: 'Not appropriate', doc: 'Out of place in this conversation.', steps: 2 },
  { key: 'hate_speech', title: 'Hate speech', doc: 'Against people for what they are.', steps: 2 },
  { key: 'sexual_content', title: 'Sexual content', doc: 'It is about sex.', steps: 2 },
]
