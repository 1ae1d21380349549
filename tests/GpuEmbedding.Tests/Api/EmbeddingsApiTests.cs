using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.GpuEmbedding.Tests.Api;

public sealed class EmbeddingsApiTests
{
    [Fact]
    public async Task Texts_and_token_arrays_give_vectors_in_order_with_usage()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var one = await PostAsync(host, """{"input":"the mill","model":"any"}""");
        var many = await PostAsync(host, """{"input":["the race","the mill"],"model":"any"}""");
        var ids = await PostAsync(host, """{"input":[5,6],"model":"any"}""");
        var arrays = await PostAsync(host, """{"input":[[5,6],[5]],"model":"any"}""");
        var vector = Vector(one, 0);
        Assert.Equal(EmbeddingHost.Width, vector.Length);
        Assert.Equal(vector, Vector(many, 1));
        Assert.Equal(vector, Vector(ids, 0));
        Assert.Equal(vector, Vector(arrays, 0));
        Assert.Equal(4, one.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(8, many.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(1, many.GetProperty("data")[1].GetProperty("index").GetInt32());
        Assert.Equal("tiny", one.GetProperty("model").GetString());
    }

    [Fact]
    public async Task Every_vector_says_its_model_what_was_read_of_the_text_and_where_the_time_went()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var body = JsonSerializer.Serialize(new { input = new[] { "the mill", string.Join(' ', Enumerable.Repeat("mill", 500)) } });
        var answer = await PostAsync(host, body);
        var data = answer.GetProperty("data");
        Assert.Equal(host.Services.GetRequiredService<Embedder>().Model.Revision, answer.GetProperty("modelRevision").GetString());
        Assert.Equal([(4, false), (64, true)], data.EnumerateArray().Select(item => (item.GetProperty("tokens").GetInt32(), item.GetProperty("truncated").GetBoolean())));
        Assert.All(data.EnumerateArray(), item => Assert.True(item.GetProperty("timings").GetProperty("inferenceMs").GetDouble() > 0));
        var again = await PostAsync(host, body);
        Assert.All(again.GetProperty("data").EnumerateArray(), item => Assert.Equal(0, item.GetProperty("timings").GetProperty("inferenceMs").GetDouble()));
    }

    [Fact]
    public async Task Base64_holds_the_same_values_and_dimensions_cut_them()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var floats = Vector(await PostAsync(host, """{"input":"mill","dimensions":4}"""), 0);
        var encoded = await PostAsync(host, """{"input":"mill","dimensions":4,"encoding_format":"base64"}""");
        var bytes = encoded.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(floats, Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4)));
        Assert.Equal(4, floats.Length);
    }

    [Theory]
    [InlineData("""{"input":"mill","dimensions":17}""", 400, "dimensions")]
    [InlineData("""{"input":"mill","prompt":"passage"}""", 400, "prompt")]
    [InlineData("""{"input":"mill","encoding_format":"hex"}""", 400, "encoding_format")]
    [InlineData("""{"input":[]}""", 400, "input")]
    [InlineData("""{"input":"\ud800"}""", 400, "input")]
    [InlineData("""{"input":["mill","\udc00"]}""", 400, "input")]
    [InlineData("""{"input":["mill",1]}""", 400, "input")]
    [InlineData("""{"input":[[5],[9999]]}""", 400, "input")]
    [InlineData("""{"model":"any"}""", 400, "input")]
    [InlineData("""{"input":""", 400, null)]
    [InlineData("""{"input":["a","b","c","d"]}""", 422, "input")]
    [InlineData("""{"input":"this text is longer than thirty characters"}""", 413, "input")]
    public async Task What_is_wrong_is_said_in_the_shape_that_clients_know(string body, int status, string? param)
    {
        await using var host = await EmbeddingHost.StartAsync(("MaxTextsPerCall", "3"), ("MaxTextLength", "30"));
        using var response = await host.Client.PostAsync("/v1/embeddings", new StringContent(body, Encoding.UTF8, "application/json"));
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_full_queue_is_429_with_the_time_to_wait()
    {
        await using var host = await EmbeddingHost.StartAsync(("Batching:QueueLimitItems", "2"), ("Batching:MaxBatchItems", "1"), ("CacheItems", "0"));
        var texts = Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("mill", 60)), 500);
        using var response = await host.Client.PostAsJsonAsync("/v1/embeddings", new { input = texts });
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("overloaded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_the_runtime_is_500_in_the_shape_that_clients_know()
    {
        await using var host = await EmbeddingHost.StartAsync();
        using var response = await host.Client.PostAsJsonAsync("/v1/embeddings", new { input = new[] { "mill", EmbeddingHost.Breaking } });
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(("server_error", "inference_failed"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Info_tells_the_model_its_device_and_its_limits()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var info = await host.Client.GetFromJsonAsync<JsonElement>("/info");
        Assert.Equal("tiny", info.GetProperty("model").GetString());
        Assert.Equal(64, info.GetProperty("maxTokens").GetInt32());
        Assert.Equal("cpu", info.GetProperty("devices")[0].GetString());
        Assert.Equal("query", info.GetProperty("prompts")[0].GetString());
    }

    private static async Task<JsonElement> PostAsync(EmbeddingHost host, string body)
    {
        using var response = await host.Client.PostAsync("/v1/embeddings", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static float[] Vector(JsonElement answer, int index) =>
        [.. answer.GetProperty("data")[index].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];
}
