using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Inference.Onnx;

namespace Millrace.PerspectiveClassifier.Tests;

/// <summary>
/// Folders as exports of Detoxify's models lie there (Hugging Face's config, tokenizer, ONNX), each with a small transformer of random
/// weights: their scores mean nothing, their layout is the real ones'.
/// </summary>
internal static class DetoxifyExport
{
    private const int Width = 16;

    private static readonly string[] Words =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", "you", "are", "a", "kind", "mill", "##er", "##s", "the", "wheel", "turn", "idiot",
    ];

    private static readonly string[] Labels =
    [
        "toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit", "male", "female",
        "homosexual_gay_or_lesbian", "christian", "jewish", "muslim", "black", "white", "psychiatric_or_mental_illness",
    ];

    /// <summary><c>original</c>: BERT with a WordPiece vocabulary and BERT's three inputs.</summary>
    public static string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
        File.WriteAllText(Path.Combine(folder, "special_tokens_map.json"), """
            {"unk_token":"[UNK]","sep_token":"[SEP]","pad_token":"[PAD]","cls_token":"[CLS]","mask_token":"[MASK]"}
            """);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """
            {"do_lower_case":true,"tokenizer_class":"BertTokenizer","model_max_length":512,"tokenize_chinese_chars":true,"strip_accents":null}
            """);
        File.WriteAllText(Path.Combine(folder, "config.json"), """
            {
              "architectures": ["BertForSequenceClassification"],
              "model_type": "bert",
              "problem_type": "multi_label_classification",
              "hidden_act": "gelu", "hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 64,
              "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 19, "pad_token_id": 0,
              "id2label": {"0": "toxic", "1": "severe_toxic", "2": "obscene", "3": "threat", "4": "insult", "5": "identity_hate"},
              "label2id": {"toxic": 0, "severe_toxic": 1, "obscene": 2, "threat": 3, "insult": 4, "identity_hate": 5}
            }
            """);
        RandomEncoder.WriteClassifier(Path.Combine(folder, "model.onnx"), new EncoderShape(2, Width, 2, Words.Length, 512), labels: 6, seed: 3);
        return folder;
    }

    /// <summary><c>unbiased</c>: RoBERTa with byte-level byte pairs.</summary>
    public static string WriteUnbiased(string folder)
    {
        // The bytes that are written as themselves, then those that have no sign of their own.
        var bytes = Enumerable.Range(0, 256).Where(IsWritten).Select(code => (char)code)
            .Concat(Enumerable.Range(0, 256 - Enumerable.Range(0, 256).Count(IsWritten)).Select(number => (char)(256 + number)));
        string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", .. bytes.Select(symbol => $"{symbol}"), "\u0120m", "\u0120mi", "ll"];
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["continuing_subword_prefix"] = "",
            ["end_of_word_suffix"] = "",
            ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray("\u0120 m", "\u0120m i", "l l"),
        };
        WriteTokenizer(folder, tokens.Take(5), model, null, """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""",
            """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":false}""");
        WriteModel(folder, "roberta", "RobertaForSequenceClassification", tokens.Length);
        return folder;
    }

    /// <summary><c>multilingual</c>: XLM-R with SentencePiece's unigram pieces.</summary>
    public static string WriteMultilingual(string folder)
    {
        (string Piece, double Score)[] pieces =
        [
            ("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("\u2581", -2), .. "abcdefghijklmnopqrstuvwxyzTY.!".Select(letter => ($"{letter}", -8.0)),
            ("\u2581The", -3), ("\u2581You", -4), ("\u2581mill", -5), ("er", -5), ("<mask>", 0),
        ];
        var model = new JsonObject
        {
            ["type"] = "Unigram",
            ["unk_id"] = 3,
            ["vocab"] = new JsonArray([.. pieces.Select(piece => new JsonArray(piece.Piece, piece.Score))]),
        };
        WriteTokenizer(folder, pieces.Take(4).Select(piece => piece.Piece), model, """{"type":"Precompiled","precompiled_charsmap":""}""",
            """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"\u2581","add_prefix_space":true}]}""",
            """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
             "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],
             "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}}
            """);
        WriteModel(folder, "xlm-roberta", "XLMRobertaForSequenceClassification", pieces.Length);
        return folder;
    }

    private static bool IsWritten(int code) => code is (>= 33 and <= 126) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static void WriteTokenizer(string folder, IEnumerable<string> special, JsonObject model, string? normalizer, string preTokenizer, string postProcessor)
    {
        Directory.CreateDirectory(folder);
        var added = special.Select((token, id) => (JsonNode)new JsonObject
        {
            ["id"] = id,
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        });
        var tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added]),
            ["normalizer"] = normalizer is null ? null : JsonNode.Parse(normalizer),
            ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
            ["post_processor"] = JsonNode.Parse(postProcessor),
            ["decoder"] = null,
            ["model"] = model,
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
    }

    /// <summary>Without <c>problem_type</c>, as these are exported.</summary>
    private static void WriteModel(string folder, string type, string architecture, int vocabulary)
    {
        var names = JsonSerializer.Serialize(Labels.Select((label, at) => (label, at)).ToDictionary(item => $"{item.at}", item => item.label));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "architectures": ["{{architecture}}"], "model_type": "{{type}}", "hidden_size": {{Width}}, "num_attention_heads": 2, "num_hidden_layers": 2,
              "max_position_embeddings": 514, "type_vocab_size": 1, "vocab_size": {{vocabulary}}, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
              "id2label": {{names}}
            }
            """);
        RandomEncoder.WriteClassifier(
            Path.Combine(folder, "model.onnx"), new EncoderShape(2, Width, 2, vocabulary, 514), Labels.Length, seed: 5, hasTypes: false);
    }
}
