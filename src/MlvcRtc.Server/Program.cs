using MlvcRtc.Server;

return await ServerProgram.RunAsync(args);
