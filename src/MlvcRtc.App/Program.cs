using MlvcRtc.App.CommandLine;

return await Cli.RunAsync(args, Surroundings.OfProcess());
