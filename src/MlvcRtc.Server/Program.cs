WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
WebApplication app = builder.Build();
app.MapGet("/healthz", () => Results.Ok());
await app.RunAsync();
