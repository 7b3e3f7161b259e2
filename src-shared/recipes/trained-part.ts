/**
 * Settings of what is trained of a model: all of it, some of it, or small matrices beside it. Fine-tuning,
 * reward model and PPO have them alike.
 */
import { choice, integer, number, text, type Infer, type SettingsValues } from '../fields'

export const trainedPartFields = {
  adapter: choice(['none', 'lora'], {
    group: 'What is trained',
    default: 'none',
    doc:
      'LoRA freezes the model and trains two narrow matrices beside each chosen projection (Hu et al. ' +
      '2021): no gradient and no optimizer memory for the rest, one frozen model in memory however many ' +
      'are trained on it, and checkpoints of a few megabytes that need the model they stand on.',
  }),
  loraRank: integer({
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: 8,
    min: 1,
    max: 1024,
    unit: 'columns',
    doc:
      'Width of an adapter’s matrices. Higher can learn more and costs more; 4 to 16 is usual (Hu et al. ' +
      '2021, Table 6).',
  }),
  loraAlpha: number({
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: 16,
    min: 0.01,
    max: 4096,
    doc: 'How strongly an adapter speaks: its product is multiplied by alpha over the rank.',
  }),
  loraScaling: choice(['by-rank', 'by-root-of-rank'], {
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: 'by-rank',
    doc:
      'Alpha is divided by the rank (Hu et al. 2021), or by its square root, which keeps high ranks ' +
      'learning (rsLoRA, Kalajdzievski 2023).',
  }),
  loraTargets: text({
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: 'q, k, v, o',
    doc:
      'Projections that bear an adapter: q, k, v, o (attention), up, gate, down (feed-forward), all, or ' +
      'names with *, such as h.11.*; several with commas between. Where one matrix makes queries, keys and ' +
      'values, q, k and v each mean that one.',
  }),
  frozenWeights: choice(['32-bit', '8-bit'], {
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: '32-bit',
    doc:
      'How large matrices that nobody trains stand in memory: as they are, or in blocks of 32 numbers of 8 ' +
      'bits with a scale each, a quarter of the memory, written out where they are used (Dettmers et al. ' +
      '2022, §2.1). The loss changes by less than a hundredth; an update takes longer. On the CPU only.',
  }),
  lastLayers: integer({
    group: 'What is trained',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'blocks',
    doc:
      'Only the last so many blocks learn, and what stands after them; with LoRA only they bear adapters. ' +
      '0: all.',
  }),
  embeddings: choice(['trained', 'frozen'], {
    group: 'What is trained',
    default: 'trained',
    doc:
      'Whether token and position embeddings learn. An output matrix that is the token embedding is frozen ' +
      'with it.',
  }),
  frozen: text({
    group: 'What is trained',
    default: '',
    doc:
      'Weights that stay as they are and bear no adapter, by name: parts of names with *, several with ' +
      'commas between, such as ln_*, h.0.mlp.',
  }),
} as const

export const dropoutField = {
  loraDropout: number({
    group: 'What is trained',
    shownWhen: { adapter: 'lora' },
    default: 0,
    min: 0,
    max: 0.9,
    doc:
      'Share of an adapter’s inputs that are left out at random in each update (Hu et al. 2021 use 0 to ' +
      '0.1).',
  }),
} as const

export type TrainedPartSettings = Infer<typeof trainedPartFields>

/** How a run with these settings holds the models it does not change. */
export const heldAs = ({ adapter, frozenWeights }: SettingsValues): '32-bit' | '8-bit' =>
  adapter === 'lora' && frozenWeights === '8-bit' ? '8-bit' : '32-bit'
