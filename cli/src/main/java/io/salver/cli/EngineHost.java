package io.salver.cli;

import io.salver.cli.config.LibrariesConfig;
import io.salver.engine.EngineOptions;
import io.salver.engine.ModelFiles;
import io.salver.engine.process.IsolatedEngine;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command that runs {@link HostCommand} in a Java virtual machine as this one.
 *
 * @param plugins where it looks for plug-ins
 * @param libraries other builds of native libraries
 */
record EngineHost(Optional<Path> plugins, LibrariesConfig libraries)
    implements IsolatedEngine.Host {
  @Override
  public List<String> command(String engine, ModelFiles files, EngineOptions options) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-Xmn8m",
            "-Xmx1g",
            "-XX:+UseCompactObjectHeaders",
            "-XX:TieredStopAtLevel=1",
            "-XX:ErrorFile=" + System.getProperty("java.io.tmpdir") + "/salver-worker-%p.log",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    // Relative entries are relative to the server's directory.
    for (String property : List.of("salver.home", "user.home")) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    plugins.ifPresent(
        directory -> command.add("-D" + Plugins.PROPERTY + "=" + directory.toAbsolutePath()));
    command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path"))));
    command.addAll(List.of(Main.class.getName(), HostCommand.NAME));
    command.add("--engine=" + engine);
    command.add("--directory=" + files.directory());
    command.add("--intra-op-threads=" + options.intraOpThreads());
    command.add("--inter-op-threads=" + options.interOpThreads());
    options.devices().forEach(device -> command.add("--device=" + device));
    command.add("--device-memory-limit-bytes=" + options.deviceMemoryLimitBytes());
    command.add("--dequantize=" + options.dequantize());
    libraries.byKey().forEach((key, path) -> command.add("--library=" + key + "=" + path));
    return command;
  }

  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      entries.add(new File(entry).getAbsolutePath());
    }
    return String.join(File.pathSeparator, entries);
  }
}
