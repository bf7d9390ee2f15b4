package io.salver.cli;

import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.SalverYaml;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code salver inspect}. */
@Command(
    name = "inspect",
    sortOptions = false,
    description = {
      "Says what a model is, what it takes and gives, and whether Salver can serve it.",
      "The exit code is 0 if it can, and 1 if not."
    })
final class InspectCommand implements Callable<Integer> {
  @Spec CommandSpec command = CommandSpec.create();

  @Parameters(
      paramLabel = "PATH",
      description =
          "A model's directory with its versions in it, the directory of one version, or a file.")
  Path path = Path.of("");

  @Option(
      names = "--no-load",
      description = "Only look at the files; a model that is loaded may run code of its own.")
  boolean onlyLook;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The server's YAML configuration, of which the engines' part counts.")
  @Nullable Path config;

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(path)) {
      throw new ParameterException(
          command.commandLine(), "PATH: " + path + " (expected: a directory or a file)");
    }
    Path given = path.toAbsolutePath().normalize();
    boolean served = true;
    EnginesConfig enginesConfig =
        config == null ? EnginesConfig.DEFAULT : SalverYaml.read(config).engines();
    EngineOptions options =
        new EngineOptions(enginesConfig.intraOpThreads(), enginesConfig.interOpThreads())
            .withDevices(enginesConfig.devices());
    Engines engines = Engines.create(enginesConfig);
    try {
      List<Path> versions = versions(given);
      for (Path version : versions) {
        served &= inspect(engines, options, version);
      }
    } finally {
      engines.all().forEach(Engine::close);
    }
    return served ? 0 : 1;
  }

  /** The versions of a model's directory, oldest first; or else the directory itself. */
  private static List<Path> versions(Path given) throws IOException {
    if (!Files.isDirectory(given)) {
      return List.of(given);
    }
    try (Stream<Path> entries = Files.list(given)) {
      List<Path> versions =
          entries
              .filter(entry -> entry.getFileName().toString().matches("\\d{1,18}"))
              .filter(Files::isDirectory)
              .sorted((a, b) -> Long.compare(number(a), number(b)))
              .toList();
      return versions.isEmpty() ? List.of(given) : versions;
    }
  }

  private static long number(Path version) {
    return Long.parseLong(version.getFileName().toString());
  }

  private boolean inspect(Engines engines, EngineOptions options, Path version) throws IOException {
    PrintWriter out = command.commandLine().getOut();
    out.println(version);
    boolean served;
    if (Files.isDirectory(version)) {
      served = inspect(engines, options, new ModelFiles(version), out);
    } else {
      served = inspectFile(engines, options, version, out);
    }
    out.flush();
    return served;
  }

  /** A file is looked at as the only one of a version. */
  private boolean inspectFile(Engines engines, EngineOptions options, Path file, PrintWriter out)
      throws IOException {
    Path directory = Files.createTempDirectory("salver-inspect");
    Path alone = directory.resolve(file.getFileName());
    StringWriter found = new StringWriter();
    try {
      linkOrCopy(file, alone);
      return inspect(engines, options, new ModelFiles(directory), new PrintWriter(found, true));
    } finally {
      out.print(found.toString().replace(alone.toString(), file.toString()));
      Files.deleteIfExists(alone);
      Files.delete(directory);
    }
  }

  private static void linkOrCopy(Path file, Path alone) throws IOException {
    try {
      Files.createLink(alone, file);
    } catch (IOException | UnsupportedOperationException e) {
      // Another file system, or one without links.
      Files.copy(file, alone);
    }
  }

  private boolean inspect(Engines engines, EngineOptions options, ModelFiles files, PrintWriter out)
      throws IOException {
    for (Engine engine : engines.all()) {
      switch (engine.inspect(files)) {
        case Inspection.NotMine() -> {}
        case Inspection.Incomplete(String reason) -> {
          format(out, engine);
          return refused(out, "incomplete: " + reason);
        }
        case Inspection.Refused(String reason) -> {
          return refused(out, reason);
        }
        case Inspection.Ready(long memoryBoundBytes) -> {
          format(out, engine);
          line(out, "files", size(files.sizeBytes()));
          line(out, "memory", "at most " + size(memoryBoundBytes));
          return describe(engine, files, out) && (onlyLook || load(engine, options, files, out));
        }
      }
    }
    return refused(
        out,
        "no engine recognises the files (expected: a model for one of " + engines.names() + ")");
  }

  private static void format(PrintWriter out, Engine engine) {
    line(out, "format", engine.name());
  }

  private static boolean describe(Engine engine, ModelFiles files, PrintWriter out) {
    try {
      engine.describe(files).forEach((key, value) -> line(out, key, value));
      return true;
    } catch (ModelLoadException e) {
      return refused(out, String.valueOf(e.getMessage()));
    }
  }

  private static boolean load(
      Engine engine, EngineOptions options, ModelFiles files, PrintWriter out) {
    try (LoadedModel model = engine.load(files, options)) {
      model.signatures().values().forEach(signature -> print(signature, out));
      line(out, "served", "yes");
      return true;
    } catch (ModelLoadException e) {
      return refused(out, String.valueOf(e.getMessage()));
    }
  }

  private static void print(Signature signature, PrintWriter out) {
    line(out, "signature", signature.name());
    signature.inputs().forEach(input -> line(out, "  takes", tensor(input)));
    signature.outputs().forEach(output -> line(out, "  gives", tensor(output)));
  }

  private static String tensor(TensorSpec spec) {
    return spec.name() + "  " + spec.dtype() + spec.shape() + (spec.optional() ? "  optional" : "");
  }

  private static boolean refused(PrintWriter out, String reason) {
    line(out, "served", "no: " + reason);
    return false;
  }

  private static void line(PrintWriter out, String key, String value) {
    out.printf(Locale.ROOT, "  %-12s %s%n", key, value);
  }

  private static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " bytes";
    }
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    return "%.1f %ciB".formatted((double) bytes / (1L << 10 * unit), "KMGTPE".charAt(unit - 1));
  }
}
