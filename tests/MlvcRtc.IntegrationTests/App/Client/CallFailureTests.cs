using MlvcRtc.App.Client;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App.Client;

public class CallFailureTests
{
    [Fact]
    public void A_message_that_says_what_helps_says_it_once_on_the_page()
    {
        UserError wrong = new(ExitCode.Failed, "No server at ws://10.0.0.1:8080. Start it, or correct the address.");

        ErrorReport report = CallFailure.Explain(wrong, met: false);

        Assert.Equal(("No server at ws://10.0.0.1:8080.", "Start it, or correct the address."), (report.Message, report.Remedy));
    }

    [Fact]
    public void A_message_without_a_remedy_gets_one()
    {
        ErrorReport report = CallFailure.Explain(new UserError(ExitCode.Failed, "Signaling ended: the server went away"), met: false);

        Assert.Equal("Signaling ended: the server went away", report.Message);
        Assert.NotEmpty(report.Remedy);
    }
}
