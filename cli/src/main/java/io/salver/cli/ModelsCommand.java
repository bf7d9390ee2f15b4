package io.salver.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code salver models}: what operators do to the models of a server that runs. */
@Command(
    name = "models",
    sortOptions = false,
    description = {
      "Lists, loads, unloads, rolls back and labels the models of a server that runs.",
      "The exit code is 0, 1 if the server refuses or cannot be reached, or 2 for a wrong call."
    },
    footer = {"", "Example:", "  salver models rollback churn --version=3"})
final class ModelsCommand implements Runnable {
  private static final String MODELS = "/v1/control/models";

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "an action is missing (expected: list, load, unload, pin, unpin, rollback, label or reset)");
  }

  @Command(name = "list", description = "Lists all models, their versions, memory and last use.")
  int list(@Mixin ControlOptions server) {
    JsonObject answer;
    try (ControlClient client = server.client()) {
      answer = client.get(MODELS);
    }
    Table table = new Table("MODEL", "VERSION", "STATE", "LABELS", "MEMORY", "LAST USED", "REASON");
    for (JsonElement element : answer.getAsJsonArray("models")) {
      addRows(element.getAsJsonObject(), table);
    }
    table.print(command.commandLine().getOut());
    JsonElement budget = answer.get("budget_bytes");
    command
        .commandLine()
        .getOut()
        .printf(
            "%d model(s), %s of %s set aside%n",
            answer.getAsJsonArray("models").size(),
            mebibytes(answer.get("used_bytes").getAsLong()),
            budget.isJsonNull() ? "no budget" : mebibytes(budget.getAsLong()));
    return 0;
  }

  private static void addRows(JsonObject model, Table table) {
    String name =
        model.get("name").getAsString() + (model.get("pinned").getAsBoolean() ? " *" : "");
    JsonArray versions = model.getAsJsonArray("versions");
    if (versions.isEmpty()) {
      table.row(name, "-", "-", "", "", "", model.get("reason").getAsString());
    }
    for (JsonElement element : versions) {
      JsonObject version = element.getAsJsonObject();
      List<String> labels = new ArrayList<>();
      version.getAsJsonArray("labels").forEach(label -> labels.add(label.getAsString()));
      long bytes = version.get("memory_bytes").getAsLong();
      JsonElement used = version.get("last_used");
      table.row(
          name,
          version.get("version").getAsString(),
          version.get("state").getAsString(),
          String.join(",", labels),
          bytes == 0 ? "" : mebibytes(bytes),
          used.isJsonNull() ? "" : used.getAsString(),
          version.get("error").getAsString());
    }
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  @Command(name = "load", description = "Loads a model, and waits until it is.")
  int load(@Mixin ControlOptions server, @Parameters(paramLabel = "MODEL") String model) {
    return act(server, model, "load", new JsonObject(), "loaded");
  }

  @Command(
      name = "unload",
      description = {
        "Takes a model out of memory once its requests are answered: one on demand until it is",
        "asked for, another until it is loaded again."
      })
  int unload(@Mixin ControlOptions server, @Parameters(paramLabel = "MODEL") String model) {
    return act(server, model, "unload", new JsonObject(), "being unloaded");
  }

  @Command(name = "pin", description = "Loads a model and keeps it in memory.")
  int pin(@Mixin ControlOptions server, @Parameters(paramLabel = "MODEL") String model) {
    return act(server, model, "pin", new JsonObject(), "pinned");
  }

  @Command(name = "unpin", description = "Lets a model that is on demand make room for others.")
  int unpin(@Mixin ControlOptions server, @Parameters(paramLabel = "MODEL") String model) {
    return act(server, model, "unpin", new JsonObject(), "not pinned");
  }

  @Command(
      name = "rollback",
      description = "Serves one version of a model and no other, without a gap.")
  int rollback(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "MODEL") String model,
      @Option(names = "--version", required = true, paramLabel = "N") long version) {
    JsonObject body = new JsonObject();
    body.addProperty("version", version);
    return act(server, model, "rollback", body, "served as version " + version);
  }

  @Command(
      name = "reset",
      description = "Ends what was asked for of a model: it is as its configuration says.")
  int reset(@Mixin ControlOptions server, @Parameters(paramLabel = "MODEL") String model) {
    return act(server, model, "reset", new JsonObject(), "as configured");
  }

  private int act(
      ControlOptions server, String model, String action, JsonObject body, String done) {
    try (ControlClient client = server.client()) {
      JsonObject unused = client.post(path(model) + ":" + action, body);
    }
    command.commandLine().getOut().println(model + ": " + done);
    return 0;
  }

  @Command(
      name = "label",
      description = "Sets labels, as stable=3, and removes those that are given as stable=.")
  int label(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "MODEL", index = "0") String model,
      @Parameters(paramLabel = "LABEL=VERSION", index = "1..*", arity = "1..*")
          List<String> changes) {
    Map<String, Long> labels = new TreeMap<>();
    try (ControlClient client = server.client()) {
      client
          .get(path(model))
          .getAsJsonObject("labels")
          .asMap()
          .forEach((label, version) -> labels.put(label, version.getAsLong()));
      changes.forEach(change -> change(change, labels));
      JsonObject body = new JsonObject();
      labels.forEach(body::addProperty);
      JsonObject unused = client.put(path(model) + "/labels", body, Map.of());
    }
    command.commandLine().getOut().println(model + ": labels " + labels);
    return 0;
  }

  private void change(String change, Map<String, Long> labels) {
    int equals = change.indexOf('=');
    @Nullable Long version = equals < 1 ? null : version(change.substring(equals + 1));
    if (version == null) {
      throw new ParameterException(
          command.commandLine(), change + " (expected: LABEL=VERSION, or LABEL= to remove it)");
    }
    String label = change.substring(0, equals);
    if (version < 0) {
      labels.remove(label);
    } else {
      labels.put(label, version);
    }
  }

  /** -1 for nothing, null for what is no version. */
  private static @Nullable Long version(String text) {
    if (text.isEmpty()) {
      return -1L;
    }
    return text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
  }

  private static String path(String model) {
    return MODELS + "/" + ControlClient.encoded(model);
  }
}
