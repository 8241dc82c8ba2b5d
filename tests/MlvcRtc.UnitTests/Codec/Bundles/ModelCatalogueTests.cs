using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.UnitTests.Codec.Bundles;

/// <summary>Finding, choosing and importing bundles.</summary>
public sealed class ModelCatalogueTests : IDisposable
{
    private readonly TestBundle _made = new("320x192");

    private string First => Path.Combine(_made.Folder, "first");

    private string Second => Path.Combine(_made.Folder, "second");

    private string Own => Path.Combine(_made.Folder, "own", "bundles");

    [Fact]
    public void The_default_is_the_newest_of_200_to_219()
    {
        Put(First, "a", 203);
        Put(First, "b", 219);
        Put(First, "c", 220);
        Put(Second, "d", 1);

        Assert.Equal("b", Catalogue().Choose(null).Id);
        Assert.Equal(new ModelVersion(0, 219), Catalogue().Open(null).Version);
    }

    [Fact]
    public void A_model_is_found_by_version_file_name_or_bundle_name()
    {
        Put(First, "a", 203);
        Put(First, "b", 240);

        Assert.Equal("b", Catalogue().Choose("0.240").Id);
        Assert.Equal("b", Catalogue().Choose("v0.240").Id);
        Assert.Equal("b", Catalogue().Choose("b").Id);
        Assert.Equal("a", Catalogue().Choose("test").Id);
        Assert.Equal("a", Catalogue().Find(new ModelVersion(0, 203))!.Id);
        Assert.Null(Catalogue().Find(new ModelVersion(0, 9)));
    }

    [Fact]
    public void An_earlier_folder_wins()
    {
        Put(Second, "later", 203);
        Put(First, "x", 203);

        Assert.Equal("x", Catalogue().Choose("0.203").Id);
        Assert.Equal(["x", "later"], Catalogue().List().Select(entry => entry.Id));
    }

    [Fact]
    public void What_is_missing_is_answered_with_what_there_is()
    {
        Assert.Contains("no bundle was found in", Fails(() => Catalogue().Choose(null)), StringComparison.Ordinal);

        Put(First, "a", 240);
        Assert.Contains("a (0.240)", Fails(() => Catalogue().Choose(null)), StringComparison.Ordinal);
        Assert.Contains("called \"0.7\"", Fails(() => Catalogue().Choose("0.7")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_bundle_is_listed_with_its_problem_and_does_not_hide_the_others()
    {
        Put(First, "good", 200);
        File.WriteAllText(Path.Combine(First, "bad.tar"), "nonsense");

        CatalogueEntry bad = Catalogue().List().Single(entry => entry.Id == "bad");
        Assert.Contains("truncated", bad.Problem!, StringComparison.Ordinal);
        Assert.Equal("good", Catalogue().Choose(null).Id);
        Assert.Contains("bad.tar", Fails(() => Catalogue().Choose("bad")), StringComparison.Ordinal);
    }

    [Fact]
    public void Importing_verifies_copies_and_may_be_repeated()
    {
        string source = _made.Write("new-model.tar");

        CatalogueEntry entry = Catalogue().Import(source);
        Assert.Equal(Path.Combine(Own, "new-model.tar"), entry.Path);
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(entry.Path));
        Assert.Equal(entry.Path, Catalogue().Import(source).Path);
        Assert.Equal("new-model", Catalogue().Choose(null).Id);
        Assert.Single(Directory.GetFiles(Own));
    }

    [Fact]
    public void Importing_never_replaces_another_bundle()
    {
        CatalogueEntry old = Catalogue().Import(_made.Write("same-name.tar"));
        byte[] before = File.ReadAllBytes(old.Path);
        _made.Manifest["bundle_name"] = "other";

        Assert.Contains("another bundle of this name", Fails(() => Catalogue().Import(_made.Write("same-name.tar"))), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(old.Path));
    }

    [Fact]
    public void A_bundle_that_fails_verification_is_not_imported()
    {
        _made.Files["weights.bin"][0] ^= 1;

        Assert.Contains("SHA-256", Fails(() => Catalogue().Import(_made.Write("bad.tar"))), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Own) && Directory.EnumerateFiles(Own).Any());
    }

    [Fact]
    public void A_folder_that_was_asked_for_must_exist()
    {
        Assert.Contains("does not exist", Fails(() => BundleFolders.Standard(Path.Combine(_made.Folder, "nowhere"))), StringComparison.Ordinal);
        Assert.Equal(_made.Folder, BundleFolders.Standard(_made.Folder).Search[0]);
    }

    [Theory]
    [InlineData("0.200", true)]
    [InlineData("v0.1", true)]
    [InlineData("0.256", false)]
    [InlineData("0", false)]
    [InlineData("0.1.2", false)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Versions_are_read_strictly(string? text, bool valid) => Assert.Equal(valid, ModelVersion.TryParse(text, out _));

    public void Dispose() => _made.Dispose();

    private ModelCatalogue Catalogue() => new(new BundleFolders([First, Second, Own], Own, _made.Cache));

    private void Put(string folder, string id, int minor)
    {
        Directory.CreateDirectory(folder);
        _made.Manifest["mlvc_version"]!["minor"] = minor;
        File.Move(_made.Write(), Path.Combine(folder, $"{id}.tar"));
    }

    private static string Fails(Action action) => Assert.Throws<BundleException>(action).Message;
}
