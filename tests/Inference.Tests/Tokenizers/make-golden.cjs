// Writes subwords.golden.json: small tokenizers and what Hugging Face's own implementation makes of our sentences with them, and with
// the published ones where they are at hand.
//   npm install --prefix FOLDER tokenizers@0.23.2
//   NODE_PATH=FOLDER/node_modules node make-golden.cjs [FOLDER WITH *.tokenizer.json] > subwords.golden.json
const { Tokenizer } = require('tokenizers');
const fs = require('fs');

const sentences = [
  '', ' ', 'The mill turns.', 'the  mill\tturns\r\nslowly', "It's the miller's; they'll say we'd've I'M", 'water-wheels & sluices (3.5 m) #mill @race',
  'Überfülle naïve café Ǆungla ÅNGSTRÖM İstanbul ẞ straße', 'e\u0301a\u0302\u0301 o\u0308', '中文字 and かな 漢字', '한국어 물레방아', 'Привет, мельница!', 'ΑΣ αβγ ς',
  'العربية السَّلامُ', 'नमस्ते दुनिया', 'สวัสดีชาวโลก', '😀 👨‍👩‍👧 🇩🇪 ❤️ 👍🏽', 'zero\u200bwidth\u200djoin\ufeffmark soft\u00adhyphen', 'nul\u0000 and \ufffd and \u0007',
  'nbsp\u00a0em\u2003ideographic\u3000space', 'millmillmillrace unmillable', 'a'.repeat(101), 'ab'.repeat(60), '1234567890 ٣٤ ½ Ⅷ', '<s>mill</s> [CLS] mill [SEP] <mask>  [MASK]x',
  '▁mill ▁▁race', '--- ... !!! ???', 'ﬁne ①② ㍿ Ａｂｃ', '\u302e\u302f\u0301', '\u{1d165}\u{1d15e}', 'mill race mill race mill race', ' leading', 'trailing  ', '\n\n\nlines\n\n',
  'http://example.org/mill?race=1&x=%20', 'x\u180ey \u2028 \u2029 z', '\u061d \u0890 \u166d \u1734 \u{111c9}', 'don\'t \'s \'\' ’s', 'ﷺ', 'ΰ ΐ ǆ', '𝒜𝓂𝒾𝓁𝓁 𐐀𐐨',
];
const words = ['mill', 'race', 'the', 'turn', 'water', 'wheel', 'un', 'able', 'and', 'slow', 'ly', 'cafe', 'naive', 'er', 's'];
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,-!?&#@()\'"/:;<>[]αβγςσпривет中文字हनम한'];

function bert(lowercase) {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words, ...letters, ...words.map(w => '##' + w), ...letters.map(l => '##' + l), ...(lowercase ? [] : ['The', 'T', '##T', 'É', 'Ü'])];
  const vocab = Object.fromEntries([...new Set(tokens)].map((t, i) => [t, i]));
  return {
    version: '1.0', truncation: null, padding: null,
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map(t => added(vocab[t], t, { normalized: false })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] }, decoder: null,
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
}

function bytePair(addPrefixSpace) {
  const symbols = [];
  for (let b = 0, n = 0; b < 256; b++) symbols.push(String.fromCodePoint((b >= 33 && b <= 126) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff) ? b : 256 + n++));
  const merges = [], tokens = ['<s>', '<pad>', '</s>', '<unk>', '<mask>', ...symbols];
  for (const word of ['Ġmill', 'Ġrace', 'Ġthe', 'mill', 'race', 'ĠÐ', 'ab', 'abab', 'aa', 'aaaa', 'Ċ', 'ĊĊ', '--', 'ðŁĺĢ'])
    for (let end = 2, left = word[0]; end <= word.length; end++) {
      const merged = left + word[end - 1];
      if (!tokens.includes(merged)) { tokens.push(merged); merges.push([left, word[end - 1]]); }
      left = merged;
    }
  const vocab = Object.fromEntries(tokens.map((t, i) => [t, i]));
  return {
    version: '1.0', truncation: null, padding: null,
    added_tokens: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'].map(t => added(vocab[t], t, { lstrip: t === '<mask>', normalized: true })),
    normalizer: addPrefixSpace ? { type: 'NFC' } : null, pre_tokenizer: { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true },
    post_processor: { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: addPrefixSpace }, decoder: null,
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false, byte_fallback: false, ignore_merges: addPrefixSpace, vocab, merges },
  };
}

function unigram(whitespaceSplit, prepend_scheme) {
  const vocab = [['<pad>', 0], ['</s>', 0], ['<unk>', 0], ['▁', -2.0122928619384766]];
  words.forEach((w, i) => vocab.push(['▁' + w, -5 - i * 0.37], [w, -6 - i * 0.29]));
  letters.forEach((l, i) => vocab.push([l, -7.5 - i * 0.013]));
  vocab.push(['millrace', -9.125], ['--', -8.5], ['----', -11.3]);
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme, split: true };
  return {
    version: '1.0', truncation: null, padding: null,
    added_tokens: ['<pad>', '</s>', '<unk>'].map((t, i) => added(i, t, { normalized: false })),
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }] },
    pre_tokenizer: whitespaceSplit ? { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] } : metaspace,
    post_processor: { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }], pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }], special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } } },
    decoder: null, model: { type: 'Unigram', unk_id: 2, byte_fallback: false, vocab },
  };
}

function added(id, content, flags) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: true, ...flags };
}

async function main() {
  const own = { 'bert-lower': bert(true), 'bert-cased': bert(false), 'byte-pair': bytePair(false), 'byte-pair-prefixed': bytePair(true), 'unigram-words': unigram(true, 'always'), 'unigram-first': unigram(false, 'first') };
  const golden = { sentences, tokenizers: {}, published: {} };
  for (const [name, file] of Object.entries(own))
    golden.tokenizers[name] = { file, ids: await encode(Tokenizer.fromString(JSON.stringify(file))) };
  const folder = process.argv[2];
  for (const file of folder ? fs.readdirSync(folder).filter(f => f.endsWith('.tokenizer.json')) : [])
    golden.published[file] = await encode(Tokenizer.fromFile(`${folder}/${file}`));
  process.stdout.write(JSON.stringify(golden) + '\n');
}

async function encode(tokenizer) {
  const ids = [];
  for (const sentence of sentences) ids.push((await tokenizer.encode(sentence)).getIds());
  return ids;
}

main();
