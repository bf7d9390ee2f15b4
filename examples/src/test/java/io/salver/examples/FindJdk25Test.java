package io.salver.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that finds a JDK, in a file tree of its own whose names hold spaces. */
class FindJdk25Test {
  private static final Path SCRIPT =
      Path.of(System.getProperty("basedir", "."))
          .toAbsolutePath()
          .resolveSibling("scripts/find-jdk25");

  private record Answer(int status, String output, String error) {}

  @TempDir Path temporary;
  private Path root;
  private Path home;
  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void onlyWhereThereIsAShell() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh on this machine");
    root = Files.createDirectories(temporary.resolve("a root"));
    home = Files.createDirectories(temporary.resolve("a home"));
    environment.put("FIND_JDK25_ROOT", root.toString());
    environment.put("HOME", home.toString());
    environment.put("PATH", tools().toString());
  }

  /** A directory with what the script calls, and no java. */
  private Path tools() throws IOException {
    Path tools = Files.createDirectories(temporary.resolve("tools"));
    for (String name : new String[] {"cat", "ls"}) {
      Path tool = Path.of("/bin", name);
      assumeTrue(Files.isExecutable(tool), tool + " is not on this machine");
      Files.createSymbolicLink(tools.resolve(name), tool);
    }
    return tools;
  }

  private static Path jdk(Path directory, String version) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.writeString(
        directory.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    for (String name : new String[] {"java", "javac"}) {
      Files.writeString(bin.resolve(name), "#!/bin/sh\nexit 1\n");
      assertThat(bin.resolve(name).toFile().setExecutable(true)).isTrue();
    }
    return directory;
  }

  private Answer find() throws IOException, InterruptedException {
    Path output = temporary.resolve("output");
    Path error = temporary.resolve("error");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", SCRIPT.toString())
            .redirectOutput(output.toFile())
            .redirectError(error.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    int status = builder.start().waitFor();
    return new Answer(status, Files.readString(output, UTF_8), Files.readString(error, UTF_8));
  }

  private void assertFound(Path expected) throws IOException, InterruptedException {
    assertThat(find()).isEqualTo(new Answer(0, expected + "\n", ""));
  }

  @Test
  void javaHomeComesFirst() throws Exception {
    jdk(root.resolve("usr/lib/jvm/other"), "25.0.1");
    Path wanted = jdk(temporary.resolve("my jdk"), "25.0.3");
    environment.put("JAVA_HOME", wanted.toString());
    assertFound(wanted);
  }

  @Test
  void javaHomeOfAnotherVersionIsPassedOver() throws Exception {
    environment.put("JAVA_HOME", jdk(temporary.resolve("old"), "17.0.15").toString());
    assertFound(jdk(root.resolve("usr/lib/jvm/temurin 25"), "25.0.3"));
  }

  @Test
  void javaOnThePathIsFollowedThroughLinks() throws Exception {
    Path wanted = jdk(temporary.resolve("a jdk"), "25").toRealPath();
    Path bin = Files.createDirectories(temporary.resolve("on the path"));
    Files.createSymbolicLink(bin.resolve("middle"), wanted.resolve("bin/java"));
    Files.createSymbolicLink(bin.resolve("java"), Path.of("middle"));
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    assertFound(wanted);
  }

  @Test
  void everyUsualPlaceIsLookedAt() throws Exception {
    for (String place :
        new String[] {
          "a root/usr/java/jdk-25",
          "a root/opt/java/openjdk",
          "a root/opt/jdk-25",
          "a root/Library/Java/JavaVirtualMachines/x.jdk/Contents/Home",
          "a home/.sdkman/candidates/java/25-tem",
          "a home/.jdks/temurin-25",
          "a home/Library/Java/JavaVirtualMachines/x/Contents/Home"
        }) {
      Path directory = jdk(temporary.resolve(place), "25.0.3");
      assertFound(directory);
      Files.delete(directory.resolve("release"));
    }
  }

  @Test
  void version250AndLaterMajorsAreNotVersion25() throws Exception {
    jdk(root.resolve("usr/lib/jvm/a"), "250.1");
    jdk(root.resolve("usr/lib/jvm/b"), "26.0.1");
    jdk(root.resolve("usr/lib/jvm/c"), "1.8.0_25");
    assertThat(find().status()).isEqualTo(1);
  }

  @Test
  void runtimeWithoutCompilerIsNotEnough() throws Exception {
    Path runtime = jdk(root.resolve("usr/lib/jvm/jre"), "25.0.3");
    Files.delete(runtime.resolve("bin/javac"));
    Answer answer = find();
    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.error()).contains(runtime + " (Java 25.0.3 without javac)");
  }

  @Test
  void brokenInstallationsAreNamedAndPassedOver() throws Exception {
    Path empty = jdk(root.resolve("usr/lib/jvm/a"), "25");
    Files.writeString(empty.resolve("release"), "");
    Files.createSymbolicLink(root.resolve("usr/lib/jvm/b"), Path.of("/does/not/exist"));
    Files.createDirectories(root.resolve("usr/lib/jvm/c/release"));
    assertThat(find().error()).contains(empty + " (Java of unknown version)");
    assertFound(jdk(root.resolve("usr/lib/jvm/d"), "25.0.3"));
  }

  @Test
  void nothingFoundSaysWhereItLookedAndWhatToDo() throws Exception {
    Answer answer = find();
    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.output()).isEmpty();
    assertThat(answer.error())
        .startsWith("No JDK 25 found.")
        .contains("JAVA_HOME (not set)", "java on the PATH (none)", "/usr/lib/jvm")
        .contains("no JDK at all", "https://adoptium.net/temurin/releases/?version=25");
  }
}
