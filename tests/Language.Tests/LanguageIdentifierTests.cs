namespace Millrace.Language.Tests;

public sealed class LanguageIdentifierTests
{
    private static readonly LanguageIdentifier Languages = new();

    [Theory]
    [InlineData("en", "The water turns the wheel and the wheel turns the stone")]
    [InlineData("es", "El agua mueve la rueda y la rueda mueve la piedra del molino")]
    [InlineData("pt", "A água move a roda e a roda não para de mover a pedra do moinho")]
    [InlineData("fr", "L'eau fait tourner la roue et la roue fait tourner la meule")]
    [InlineData("de", "Das Wasser dreht das Rad und das Rad dreht den Mühlstein")]
    [InlineData("it", "L'acqua muove la ruota e la ruota muove la pietra del mulino")]
    [InlineData("nl", "Het water draait het rad en het rad draait de molensteen")]
    [InlineData("sv", "Vattnet driver hjulet och hjulet driver kvarnstenen som malar säden")]
    [InlineData("da", "Vandet driver hjulet, og hjulet driver kværnen, der maler kornet af sted")]
    [InlineData("fi", "Vesi pyörittää ratasta ja ratas pyörittää myllynkiveä")]
    [InlineData("pl", "Woda porusza koło, a koło porusza kamień młyński")]
    [InlineData("cs", "Voda točí kolem a kolo točí mlýnským kamenem")]
    [InlineData("hu", "A víz forgatja a kereket, a kerék pedig forgatja a malomkövet")]
    [InlineData("ro", "Apa mișcă roata și roata mișcă piatra de moară")]
    [InlineData("tr", "Su çarkı döndürür, çark da değirmen taşını döndürür")]
    [InlineData("id", "Air memutar kincir dan kincir itu memutar batu penggiling")]
    [InlineData("vi", "Nước làm quay bánh xe và bánh xe làm quay cối đá")]
    [InlineData("ru", "Вода вращает колесо, а колесо вращает мельничный камень")]
    [InlineData("uk", "Вода обертає колесо, а колесо обертає млинове каміння")]
    [InlineData("bg", "Водата върти колелото, а колелото върти воденичния камък")]
    [InlineData("ar", "الماء يدير العجلة والعجلة تدير حجر الطاحونة")]
    [InlineData("fa", "آب چرخ را می‌چرخاند و چرخ سنگ آسیاب را می‌چرخاند")]
    [InlineData("ja", "水が車を回し、車が石臼を回す")]
    [InlineData("zh", "水推动轮子,轮子转动磨石")]
    [InlineData("ko", "물이 바퀴를 돌리고 바퀴가 맷돌을 돌린다")]
    [InlineData("hi", "पानी पहिए को घुमाता है और पहिया चक्की को घुमाता है")]
    [InlineData("he", "המים מסובבים את הגלגל והגלגל מסובב את אבן הריחיים")]
    [InlineData("th", "น้ำหมุนกังหัน และกังหันหมุนหินโม่")]
    [InlineData("el", "Το νερό γυρίζει τον τροχό και ο τροχός γυρίζει τη μυλόπετρα")]
    public void A_sentence_gives_its_language_away(string language, string sentence)
    {
        var found = Identify(sentence);

        Assert.Equal(language, found.Code);
        Assert.True(found.Confidence > 0.6, $"{found.Confidence}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("123 !!! \U0001f600")]
    public void Without_letters_there_is_no_language(string text) => Assert.Equal(IdentifiedLanguage.Unknown, Identify(text));

    [Fact]
    public void What_the_upstream_says_does_not_outweigh_the_text() =>
        Assert.Equal("de", Languages.Identify("Ich weiß nicht, was soll es bedeuten, dass ich so traurig bin", ["en-US"]).Code);

    [Fact]
    public void What_the_upstream_says_tips_an_open_balance()
    {
        Assert.Equal("da", Languages.Identify("det er godt", ["da"]).Code);
        Assert.Equal("no", Languages.Identify("det er godt", ["no"]).Code);
    }

    [Fact]
    public void A_short_word_is_identified_with_little_confidence() =>
        Assert.True(Identify("ok").Confidence < 0.6);

    private static IdentifiedLanguage Identify(string text) => Languages.Identify(text, []);
}
