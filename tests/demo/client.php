<?php
// Calls every operation the way PHP clients of Cash do: positional arguments, the result an array of named parts.
// Usage: php client.php <token|3.0> <wsdl>; prints one JSON object.

[, $dialect, $wsdl] = $argv;
$client = new SoapClient($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'trace' => true, 'exceptions' => true]);
$administration = ['admCode' => 'x001', 'admMap' => '1571'];

$order = (new DateTime('2026-10-09'))->format('ymd');
$import = '<?xml version="1.0"?>' . "\n<CASH>\n  <R0101><F0101>000900</F0101><F0103>Jansen &amp; Zn.</F0103>"
    . "<F0107>1234AB Proefdorp</F0107></R0101>\n  <R2220><F0101>900</F0101></R2220>\n"
    . "  <R2400><F2400>7001</F2400><F2220>900</F2220><F2401>$order</F2401><F2406>WACHT1</F2406></R2400>\n</CASH>";
$wrong = '<CASH><2229><F0101>123456</F0101><F2228>123456</F2228></2229></CASH>';

$results = [];
if ($dialect === 'token') {
    $login = $client->Authenticate('25583', 'api@example.nl', 'geheim', 'OUTSMART');
    $results['login'] = $login;
    $results['rejected'] = $client->Authenticate('25583', 'api@example.nl', 'fout', 'OUTSMART');
    $token = $login['token'];
    $results['list'] = $client->ListAdministrations($token);
    $results['import'] = $client->Import($token, $import, (object) $administration);
    $results['refused'] = $client->Import($token, $wrong, $administration);
    $id = $results['import']['transaction']->id;
    $results['pending'] = $client->GetTransaction($token, $id);
    $results['done'] = $client->GetTransaction($token, $id);
    $results['export'] = $client->Export($token, '0101|900', $administration);
    $results['unseen'] = $client->Export($token, '0101', ['admCode' => 'x009', 'admMap' => '1571']);
} else {
    // PHP ignores these keys and sends the names of the WSDL, in this order.
    $login = ['token' => '', 'relatie' => '25583', 'email' => 'api@example.nl', 'pass' => 'geheim'];
    $rest = ['administration' => $administration, 'formaat' => '0'];
    $results['list'] = $client->__soapCall('ListAdministrations', $login);
    $results['import'] = $client->__soapCall('import', $login + ['import' => $import] + $rest);
    $results['refused'] = $client->__soapCall('import', $login + ['import' => $wrong] + $rest);
    $id = $results['import']['transaction']->id;
    $results['pending'] = $client->__soapCall('getTransaction', $login + ['id' => $id]);
    $results['done'] = $client->__soapCall('getTransaction', $login + ['id' => $id]);
    $results['export'] = $client->__soapCall('export', $login + ['export' => '0101|900'] + $rest);
    $results['rejected'] = $client->__soapCall(
        'export',
        array_merge($login, ['pass' => 'fout'], ['export' => '0101|900'], $rest)
    );
}
$results['integers'] = $results['export']['response']->code === 1 && $results['done']['transaction']->status === 2;
$results['request'] = $client->__getLastRequest();

try {
    (new SoapClient(null, ['location' => str_replace('wsdl', 'soap', $wsdl), 'uri' => 'urn:cashweb']))->Unheard('x');
} catch (SoapFault $fault) {
    $results['fault'] = $fault->getMessage();
}

echo json_encode($results, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
