package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.ApiKey;
import io.salver.server.access.Limits;
import io.salver.server.access.Role;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code salver keys}. */
@Command(name = "keys", description = "Makes API keys.", subcommands = KeysCommand.Create.class)
final class KeysCommand implements Runnable {
  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "a command is missing (expected: create)");
  }

  /** {@code salver keys create}. */
  @Command(
      name = "create",
      sortOptions = false,
      description = {
        "Makes an API key, and prints it with the line for the server's configuration file.",
        "The key itself is not kept anywhere: the server knows a salted hash of it."
      },
      footer = {"", "Example:", "  salver keys create checkout --roles=predict"})
  static final class Create implements Callable<Integer> {
    @Spec CommandSpec command = CommandSpec.create();

    @Parameters(
        paramLabel = "NAME",
        description = "Whose key it is: for messages and the audit log.")
    String name = "";

    @Option(
        names = "--roles",
        paramLabel = "ROLE",
        split = ",",
        required = true,
        description = "What its owner may do: predict, observe, admin, or several of them.")
    List<Role> roles = List.of();

    @Override
    public Integer call() {
      ApiKey.Created created = ApiKey.create(new SecureRandom());
      KeyHolder holder = holder(created.stored());
      String rolesText =
          EnumSet.copyOf(holder.roles()).stream().map(Role::text).collect(Collectors.joining(", "));
      PrintWriter out = command.commandLine().getOut();
      out.println("The key, which is not shown again:");
      out.println();
      out.println("  " + created.text());
      out.println();
      out.println("For the server, under access.keys in its configuration file:");
      out.println();
      out.println(
          "    - {name: "
              + holder.name()
              + ", key: \""
              + holder.key()
              + "\", roles: ["
              + rolesText
              + "]}");
      out.flush();
      return 0;
    }

    private KeyHolder holder(ApiKey key) {
      try {
        return new KeyHolder(name, key, Set.copyOf(roles), Limits.NONE);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(String.valueOf(e.getMessage()));
      }
    }
  }
}
