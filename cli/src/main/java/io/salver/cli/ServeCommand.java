package io.salver.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code salver serve}. */
@Command(
    name = "serve",
    sortOptions = false,
    description = "Serves models until it is stopped (SIGTERM drains, then exits with 0).",
    footer = {
      "",
      "Example:",
      "  salver serve --model_name=half_plus_two --model_base_path=/models/half_plus_two"
    })
final class ServeCommand implements Callable<Integer> {
  @Mixin final ServeOptions options = new ServeOptions();

  @Override
  public Integer call() {
    ServerProcess.run(options.toConfig(), server -> {});
    return 0;
  }
}
