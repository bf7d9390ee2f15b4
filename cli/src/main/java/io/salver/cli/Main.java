package io.salver.cli;

import io.salver.cli.config.ConfigException;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The {@code salver} command. */
@Command(
    name = "salver",
    description = "A model server: real-time predictions over REST and gRPC.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServeCommand.class,
      DemoCommand.class,
      InspectCommand.class,
      ModelsCommand.class,
      KeysCommand.class,
      PrepareCommand.class,
      HostCommand.class,
      EndpointsCommand.class
    })
public final class Main implements Runnable {
  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "Salver " + SalverVersion.VERSION, "Java " + Runtime.version() + " on " + platform()
      };
    }

    private static String platform() {
      return System.getProperty("os.name") + " " + System.getProperty("os.arch");
    }
  }

  private Main() {}

  /** Runs a command; the exit code is 0, 1 if it failed, or 2 if it was called wrongly. */
  public static void main(String[] args) {
    int exitCode = run(args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  static int run(String... args) {
    CommandLine commandLine =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Main::explain);
    for (String arg : args) {
      Optional<String> rejection = TfServingFlags.rejection(arg);
      if (rejection.isPresent()) {
        commandLine.getErr().println("salver: " + rejection.get());
        return CommandLine.ExitCode.USAGE;
      }
    }
    return commandLine.execute(
        Arrays.stream(args)
            .filter(arg -> !TfServingFlags.asksForNothing(arg))
            .toArray(String[]::new));
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parseResult)
      throws Exception {
    if (failure instanceof ConfigException) {
      commandLine.getErr().println("salver: " + failure.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    if (failure instanceof StartException || failure instanceof CommandException) {
      commandLine.getErr().println("salver: " + failure.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw failure;
  }

  @Override
  public void run() {
    throw new ParameterException(
        new CommandLine(this),
        "a command is missing (expected: serve, demo, inspect, keys or endpoints)");
  }
}
