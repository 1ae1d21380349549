using Millrace.Inference.Onnx;

namespace Millrace.PerspectiveClassifier.Tests;

/// <summary>
/// A folder as an export of Detoxify's model <c>original</c> lies there (Hugging Face's config, WordPiece vocabulary, ONNX with BERT's three
/// inputs), with a small transformer of random weights: its scores mean nothing, its layout is the real one's.
/// </summary>
internal static class DetoxifyExport
{
    private static readonly string[] Words =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", "you", "are", "a", "kind", "mill", "##er", "##s", "the", "wheel", "turn", "idiot",
    ];

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
        RandomEncoder.WriteClassifier(Path.Combine(folder, "model.onnx"), new EncoderShape(2, 16, 2, Words.Length, 512), labels: 6, seed: 3);
        return folder;
    }
}
