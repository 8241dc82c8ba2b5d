namespace MlvcRtc.InteropTests;

public class InstalledProgramTests
{
    [Fact]
    public void A_program_on_the_path_is_found() => Assert.True(File.Exists(InstalledProgram.Find("dotnet")));
}
