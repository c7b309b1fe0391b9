<?php
// A launch token for the Cash settings page; PHP 7.4 or newer. Sign on the server only.

function launch_token($key, $account, $company, $user, $lang, $parent) {
    $claims = [
        'aud' => 'cash-settings',
        'role' => 'admin',
        'jti' => bin2hex(random_bytes(16)),
        'account' => $account,
        'company' => $company,
        'sub' => $user,
        'lang' => $lang,
        'parent' => $parent,
    ];
    $encode = fn($bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $text = $encode(json_encode($claims, JSON_THROW_ON_ERROR)) . '.' . $encode(pack('N', time()));
    $signing_key = hash_hmac('sha256', 'cash.launch.v1', $key, true);
    return $text . '.' . $encode(hash_hmac('sha256', $text, $signing_key, true));
}
