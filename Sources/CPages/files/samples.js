// One call in several languages, with the standard library of each where that is enough.

export function samples(method, path, operation, resolve) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const query = parameters.filter((one) => one.in === "query" && one.required).map((one) => `${one.name}=${encodeURIComponent(one.example)}`);
  const value = (name) => encodeURIComponent(parameters.find((one) => one.in === "path" && one.name === name)?.example ?? name);
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name) => value(name)) + (query.length ? `?${query.join("&")}` : "");
  const media = operation.requestBody ? resolve(operation.requestBody).content?.["application/json"] : null;
  const body = media ? JSON.stringify(media.example) : null;
  const needsKey = (operation.security ?? []).length > 0;
  const call = {method: method.toUpperCase(), target, body, needsKey};
  return [
    {name: "curl", text: curl(call)}, {name: "Python", text: python(call)}, {name: "TypeScript", text: typescript(call)},
    {name: "Go", text: go(call)}, {name: "Swift", text: swift(call)},
  ];
}

function curl({method, target, body, needsKey}) {
  return [`curl -X ${method} "$api${target}"`, needsKey ? `-H "Authorization: Bearer $key"` : null,
    body ? `-H "Content-Type: application/json"` : null, body ? `-d '${body.replaceAll("'", "'\\''")}'` : null].filter(Boolean).join(" \\\n  ");
}

const pythonValue = (text) => text.replaceAll(/\btrue\b/g, "True").replaceAll(/\bfalse\b/g, "False").replaceAll(/\bnull\b/g, "None");

function python({method, target, body, needsKey}) {
  return ["import requests", "", `answer = requests.request(`, `    "${method}", api + "${target}",`,
    needsKey ? `    headers={"Authorization": f"Bearer {key}"},` : null, body ? `    json=${pythonValue(body)},` : null,
    `    timeout=10,`, `)`, `answer.raise_for_status()`, `print(answer.json())`].filter((line) => line !== null).join("\n");
}

function typescript({method, target, body, needsKey}) {
  const headers = [needsKey ? "Authorization: `Bearer ${key}`" : null, body ? `"Content-Type": "application/json"` : null].filter(Boolean);
  return [`const answer = await fetch(api + "${target}", {`, `  method: "${method}",`, headers.length ? `  headers: {${headers.join(", ")}},` : null,
    body ? `  body: JSON.stringify(${body}),` : null, `});`, "if (!answer.ok) throw new Error(await answer.text());",
    "console.log(await answer.json());"].filter(Boolean).join("\n");
}

function go({method, target, body, needsKey}) {
  return [`request, err := http.NewRequest("${method}", api+"${target}", ${body ? `strings.NewReader(\`${body}\`)` : "nil"})`,
    "if err != nil {", "\treturn err", "}", needsKey ? `request.Header.Set("Authorization", "Bearer "+key)` : null,
    body ? `request.Header.Set("Content-Type", "application/json")` : null, "answer, err := http.DefaultClient.Do(request)",
    "if err != nil {", "\treturn err", "}", "defer answer.Body.Close()", "_, err = io.Copy(os.Stdout, answer.Body)", "return err"].filter(Boolean).join("\n");
}

function swift({method, target, body, needsKey}) {
  return [`var request = URLRequest(url: URL(string: api + "${target}")!)`, `request.httpMethod = "${method}"`,
    needsKey ? `request.setValue("Bearer \\(key)", forHTTPHeaderField: "Authorization")` : null,
    body ? `request.setValue("application/json", forHTTPHeaderField: "Content-Type")` : null, body ? `request.httpBody = Data(#"${body}"#.utf8)` : null,
    "let (data, answer) = try await URLSession.shared.data(for: request)", "print((answer as! HTTPURLResponse).statusCode, String(decoding: data, as: UTF8.self))"].filter(Boolean).join("\n");
}
